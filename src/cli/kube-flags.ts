import type { Command } from 'commander';
import type { ConnectOptions } from '../kube/connect.ts';
import { durationMs } from '../report/duration.ts';
import { invalidInput } from '../report/refusal.ts';

/** kubectl's own flags, with kubectl's names: which cluster, as whom. */
export type KubeFlags = {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  user?: string;
  server?: string;
  token?: string;
  as?: string;
  asGroup?: string[];
  certificateAuthority?: string;
  clientCertificate?: string;
  clientKey?: string;
  insecureSkipTlsVerify?: boolean;
  tlsServerName?: string;
  requestTimeout?: string;
};

export function addKubeFlags(command: Command): Command {
  return command
    .optionsGroup('Cluster:')
    .option('--kubeconfig <file>', 'kubeconfig to use (default: KUBECONFIG, else ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--cluster <name>', 'cluster of the kubeconfig')
    .option('--user <name>', 'user of the kubeconfig')
    .option('-s, --server <url>', 'address of the API server')
    .option('--token <token>', 'bearer token (visible in the process list: a kubeconfig is safer)')
    .option('--as <user>', 'user to impersonate')
    .option('--as-group <group>', 'group to impersonate, may be repeated', collect)
    .option('--certificate-authority <file>', "CA of the API server's certificate")
    .option('--client-certificate <file>', 'client certificate')
    .option('--client-key <file>', 'key of the client certificate')
    .option('--insecure-skip-tls-verify', "do not check the API server's certificate")
    .option('--tls-server-name <name>', "name to expect in the API server's certificate")
    .option('--request-timeout <duration>', 'for one request to the API server (default: 30s)');
}

/** `KubeFlags` are what commander read; the environment comes from the caller. */
export function connectOptions(flags: KubeFlags, env: Readonly<Record<string, string | undefined>>): ConnectOptions {
  const { asGroup, requestTimeout, ...same } = flags;
  // kubectl's 0 stands for no limit; ours is always bounded, so it means the default.
  const requestTimeoutMs = requestTimeout === undefined ? 0 : durationMs(requestTimeout, '--request-timeout');
  if (requestTimeoutMs < 0) throw invalidInput('--request-timeout', `"${requestTimeout}": must not be negative`);
  return { ...same, asGroups: asGroup, requestTimeoutMs: requestTimeoutMs > 0 ? requestTimeoutMs : undefined, env };
}

/** For flags that may be repeated. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** For flags that may be repeated and take lists: `--image a,b --image c`. */
export function collectList(value: string, before: string[] = []): string[] {
  return [...before, ...value.split(',')];
}
