import type { Command } from 'commander';
import { serviceSettings, variableOf } from '../report/service-settings.ts';

/** The flags of `muster serve`: each with its variable and its default in the help. */
export function addServiceFlags(command: Command): Command {
  for (const { name, value, description, fallback } of serviceSettings) {
    const otherwise = fallback.replace(/^\[(.*)\]$/, '$1');
    command.option(`--${name} <${value}>`, `${description} (${variableOf(name)}; default: ${otherwise})`);
  }
  return command;
}

/** What of them was given, by the names of the settings, for `readServiceConfig`. */
export function givenServiceFlags(command: Command): Record<string, string> {
  const given: Record<string, unknown> = command.opts();
  return Object.fromEntries(
    command.options.flatMap((option) => {
      const value = given[option.attributeName()];
      const name = option.long?.slice('--'.length) ?? '';
      return typeof value === 'string' && isSetting(name) ? [[name, value]] : [];
    }),
  );
}

const isSetting = (name: string) => serviceSettings.some((setting) => setting.name === name);
