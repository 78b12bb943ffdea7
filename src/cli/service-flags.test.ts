import { Command } from 'commander';
import { expect, test } from 'vitest';
import { readServiceConfig } from '../report/service-config.ts';
import { serviceSettings, variableOf } from '../report/service-settings.ts';
import { addServiceFlags, givenServiceFlags } from './service-flags.ts';

test('every setting is a flag, and only what was given is handed on', async () => {
  const command = addServiceFlags(new Command('serve')).option('--kubeconfig <file>');
  await command.parseAsync('--listen [::]:1 --keep-max-age=1h --kubeconfig k'.split(' '), { from: 'user' });
  expect(givenServiceFlags(command)).toEqual({ listen: '[::]:1', 'keep-max-age': '1h' });
  const config = readServiceConfig({ flags: givenServiceFlags(command), env: {}, podNamespace: undefined });
  expect(config).toMatchObject({ listen: { host: '::', port: 1 }, keep: { maxAgeMs: 3_600_000 } });
  for (const { name } of serviceSettings) {
    expect(command.helpInformation().replaceAll(/\s+/g, ' ')).toContain(`--${name} `);
    expect(command.helpInformation()).toContain(variableOf(name));
  }
});
