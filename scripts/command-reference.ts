// docs/commands.md: every command and flag, out of the commands themselves.
import { Command } from 'commander';
import { addGatherCommand } from '../src/cli/gather-command.ts';
import { addInspectCommand } from '../src/cli/inspect-command.ts';
import type { Program } from '../src/cli/program.ts';
import { addReportCommand } from '../src/cli/report-command.ts';
import { addSandboxCommand } from '../src/cli/sandbox-command.ts';
import { addServeCommand } from '../src/cli/serve-command.ts';
import { addStartCommand } from '../src/cli/start-command.ts';
import { addVerifyCommand } from '../src/cli/verify-command.ts';
import { addViewCommand } from '../src/cli/view-command.ts';
import { serviceSettings } from '../src/report/service-settings.ts';
import { table } from './markdown.ts';

/** Never run: commands need it to be made. */
const nobody: Program = {
  name: 'muster',
  env: {},
  stdout: process.stdout,
  stderr: process.stderr,
  interrupt: new AbortController().signal,
  now: () => 0,
  exitCode: 0,
};

/** Groups of flags that several commands share are told once. */
const shared: Readonly<Record<string, string>> = {
  'Cluster:': 'Flags for the cluster',
  'Service:': 'Flags for the service',
  'What to gather:': 'Flags for what to gather',
  'Where and how long:': 'Flags for where and how long',
};

/** All commands with their flags; groups that several share stand at the end, once. */
export function commandReference(): string {
  const root = new Command('muster');
  const add = [
    addGatherCommand,
    addInspectCommand,
    addViewCommand,
    addVerifyCommand,
    addReportCommand,
    addServeCommand,
    addSandboxCommand,
    addStartCommand,
  ];
  for (const one of add) one(root, nobody);
  const all = root.commands.flatMap((command) => [command, ...command.commands]);
  const groups = Object.entries(shared).map(([heading, title]) => {
    const flags = all.map((command) => flagsOf(command, heading)).find((rows) => rows.length > 0) ?? [];
    return `## ${title}\n\n${table(['flag', 'meaning'], flags)}`;
  });
  return ['', ...all.map(section), ...groups, ''].join('\n\n');
}

function section(command: Command): string {
  const parent = command.parent?.name() === 'muster' ? 'muster' : `muster ${command.parent?.name() ?? ''}`;
  const name = `${parent} ${command.name()}`;
  const words = command.registeredArguments.map((argument) => {
    // What runs in place of the image's own command stands after --.
    if (argument.name() === 'command') return '[-- COMMAND…]';
    const word = `${argument.name().toUpperCase()}${argument.variadic ? '…' : ''}`;
    return argument.required ? word : `[${word}]`;
  });
  const own = flagsOf(command, undefined);
  const links = Object.entries(shared)
    .filter(([heading]) => flagsOf(command, heading).length > 0)
    .map(([, title]) => `[${title.toLowerCase()}](#${title.toLowerCase().replaceAll(' ', '-')})`);
  return [
    `## ${name}`,
    `\`${[name, ...(command.options.length > 0 ? ['[FLAGS]'] : []), ...words].join(' ')}\``,
    `${sentence(command.description())}${links.length === 0 ? '' : ` Takes the ${links.join(', the ')}.`}`,
    ...(command.name() === 'serve'
      ? ['Each of its settings, and the variable that says the same: [configuration.md](configuration.md).']
      : []),
    ...(own.length === 0 ? [] : [table(['flag', 'meaning'], own)]),
  ].join('\n\n');
}

/** The rows of one group of flags; with no heading, of all groups that are the command's own. */
function flagsOf(command: Command, heading: string | undefined): string[][] {
  const isSetting = (long: string | undefined) =>
    command.name() === 'serve' && serviceSettings.some(({ name }) => `--${name}` === long);
  return command.options
    .filter((option) => !option.hidden && !isSetting(option.long))
    .filter(({ helpGroupHeading: group = '' }) =>
      heading === undefined ? !Object.hasOwn(shared, group) : group === heading,
    )
    .map(({ flags, description, defaultValue }) => [
      `\`${flags}\``,
      // What stands in < > would be taken for HTML.
      description.replaceAll('<', '\\<') + (defaultValue === undefined ? '' : ` (default: ${String(defaultValue)})`),
    ]);
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
