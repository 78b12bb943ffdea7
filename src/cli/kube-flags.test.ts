import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addKubeFlags, collectList, connectOptions, type KubeFlags } from './kube-flags.ts';

function parsed(...args: string[]) {
  const command = addKubeFlags(new Command()).exitOverride();
  command.parse(args, { from: 'user' });
  return connectOptions(command.opts<KubeFlags>(), { HOME: '/home/ada' });
}

test('nothing said: the environment alone', () => {
  expect(parsed()).toEqual({ asGroups: undefined, requestTimeoutMs: undefined, env: { HOME: '/home/ada' } });
});

test("kubectl's names, for the connection", () => {
  const args =
    '--kubeconfig k --context c --cluster l --user u -s https://api --token t --as ada --as-group a --as-group b,c ' +
    '--certificate-authority ca --client-certificate cc --client-key ck --tls-server-name n';
  expect(parsed(...args.split(' '), '--insecure-skip-tls-verify')).toEqual({
    kubeconfig: 'k',
    context: 'c',
    cluster: 'l',
    user: 'u',
    server: 'https://api',
    token: 't',
    as: 'ada',
    asGroups: ['a', 'b,c'],
    certificateAuthority: 'ca',
    clientCertificate: 'cc',
    clientKey: 'ck',
    tlsServerName: 'n',
    insecureSkipTlsVerify: true,
    requestTimeoutMs: undefined,
    env: { HOME: '/home/ada' },
  });
});

test.each<[string, number | undefined]>([
  ['30s', 30_000],
  ['1m30s', 90_000],
  ['0', undefined],
  ['0s', undefined],
])('--request-timeout %s', (given, expected) => {
  expect(parsed('--request-timeout', given).requestTimeoutMs).toBe(expected);
});

test.each(['soon', '1d', '-1s'])('--request-timeout %s is refused by its name', (given) => {
  expect(() => parsed(`--request-timeout=${given}`)).toThrow(/--request-timeout/);
});

test('lists and repeats add up, in order', () => {
  expect(
    ['a,b', 'c', 'd,,e'].reduce((before: string[] | undefined, value) => collectList(value, before), undefined),
  ).toEqual(['a', 'b', 'c', 'd', '', 'e']);
});
