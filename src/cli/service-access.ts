import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { openBearerToken } from '../kube/bearer-token.ts';
import { MusterError, messageOf } from '../report/errors.ts';
import { invalidInput } from '../report/refusal.ts';
import { parseServiceUrl } from '../report/service-url.ts';
import { openServiceClient, type ServiceClient } from './service-client.ts';

/** Which service, as whom: the flags that every `muster report` takes. */
export type ServiceAccessFlags = {
  url?: string;
  tokenFile?: string;
  caFile?: string;
  kubeconfig?: string;
  context?: string;
};

type Environment = Readonly<Record<string, string | undefined>>;
type TokenSource = (fresh: boolean) => Promise<string | undefined>;

export function addServiceAccessFlags(command: Command): Command {
  return command
    .optionsGroup('Service:')
    .option('--url <url>', 'address of the service (MUSTER_URL)')
    .option('--token-file <file>', 'file with the bearer token (else MUSTER_TOKEN, else that of the kubeconfig)')
    .option('--ca-file <file>', "authority of the service's certificate, PEM (MUSTER_CA_FILE)")
    .option('--kubeconfig <file>', 'kubeconfig to take the token from (default: KUBECONFIG, else ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig');
}

/** The service that flags and environment name. Throws MusterError by the flag; nothing is sent yet. */
export async function openService(flags: ServiceAccessFlags, env: Environment): Promise<ServiceClient> {
  const [address, field] = flags.url ? [flags.url, '--url'] : [env.MUSTER_URL ?? '', 'MUSTER_URL'];
  if (address === '') throw invalidInput('--url', 'the address of the service is needed, here or in MUSTER_URL');
  const url = parseServiceUrl(address, field, ['https:', 'http:']);
  const isOpen = url.startsWith('http:');
  if (isOpen && !isLoopback(new URL(url).hostname)) {
    throw invalidInput(field, 'without https only this machine is spoken to (127.0.0.1, ::1, localhost)');
  }
  const caFile = flags.caFile ?? env.MUSTER_CA_FILE;
  return openServiceClient({
    url,
    token: (await givenToken(flags, env)) ?? (isOpen ? async () => undefined : await tokenOfKubeconfig(flags, env)),
    caPem: caFile ? await textOf('--ca-file', caFile) : undefined,
    env,
  });
}

async function givenToken({ tokenFile }: ServiceAccessFlags, env: Environment): Promise<TokenSource | undefined> {
  if (tokenFile !== undefined) {
    // Read for each request: the kubelet replaces the tokens that it mounts.
    const read = async () => checked('--token-file', await textOf('--token-file', tokenFile));
    await read();
    return read;
  }
  const token = env.MUSTER_TOKEN;
  if (token === undefined || token === '') return undefined;
  const good = checked('MUSTER_TOKEN', token);
  return async () => good;
}

/** The token by which kubectl asks the cluster: whoever may ask there is known to the service too. */
async function tokenOfKubeconfig({ kubeconfig, context }: ServiceAccessFlags, env: Environment): Promise<TokenSource> {
  const none = (why: string) =>
    new MusterError(
      'CredentialsRejected',
      `${why}: give a token with --token-file or MUSTER_TOKEN, such as from "kubectl create token ACCOUNT"`,
    );
  let source: TokenSource;
  try {
    source = await openBearerToken({ kubeconfig, context, env });
  } catch (error) {
    throw none(`No token out of a kubeconfig: ${messageOf(error).replace(/\.$/, '')}`);
  }
  if ((await source(false)) === undefined) throw none('The kubeconfig has no bearer token');
  return source;
}

async function textOf(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw invalidInput(flag, messageOf(error));
  }
}

/** A token as RFC 6750 spells one; others would end in the middle of a header. It is not repeated. */
function checked(field: string, text: string): string {
  const token = text.trim();
  if (/^[\w.~+/-]+=*$/.test(token)) return token;
  throw invalidInput(field, 'this is no bearer token');
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
