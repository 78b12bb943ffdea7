import { X509Certificate } from 'node:crypto';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { messageOf } from '../report/errors.ts';
import { type Choice, isFields, textOf, unusable } from './kubeconfig.ts';
import { sleep, type Timers } from './timers.ts';
import { tokenCredentials } from './token-credentials.ts';

export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** What a connection presents and trusts. PEM, as TLS takes it. */
export type TlsSettings = {
  readonly ca?: RequestOptions['ca'];
  readonly cert?: RequestOptions['cert'];
  readonly key?: RequestOptions['key'];
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
};

export type Credentials = {
  readonly headers: Headers;
  readonly tls: TlsSettings;
  /** Goes through the proxy if there is one; for WebSockets, which undici's dispatchers do not carry. */
  readonly agent?: Agent | undefined;
};

/** Says who we are, now. `fresh` forgets what was remembered, as when the server did not take it. */
export type CredentialsSource = (fresh: boolean) => Promise<Credentials>;

// A plugin may wait for a person to log in with a browser; kubectl waits for ever.
const pluginTimeoutMs = 300_000;

/**
 * Credentials by way of client-node's KubeConfig, which knows exec plugins, token files, OIDC and the older providers.
 * Throws MusterError KubeconfigUnusable with no credential in its text.
 */
export async function credentialsSource(choice: Choice, timers: Timers): Promise<CredentialsSource> {
  const plain = tokenCredentials(choice);
  if (plain !== undefined) return plain;
  // Loaded here, not at the top: it costs 0.9 to 3 s and 90 MB, which commands that meet no cluster should not pay.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const text = forKubeConfig(choice);
  const load = () => {
    const config = new KubeConfig();
    config.loadFromString(text);
    return config;
  };
  let config = load();
  return async (fresh) => {
    if (fresh) config = load();
    return readCredentials(config, choice, timers);
  };
}

async function readCredentials(config: KubeConfig, choice: Choice, timers: Timers): Promise<Credentials> {
  const options: RequestOptions = {};
  const tooLong = new AbortController();
  try {
    await Promise.race([
      config.applyToHTTPSOptions(options),
      sleep(timers, pluginTimeoutMs, tooLong.signal).then(() => {
        throw new Error('no credentials within 5 minutes');
      }),
    ]);
  } catch (error) {
    throw unusable(`No credentials for user "${choice.userName}": ${withoutSecrets(error, choice)}.`);
  } finally {
    tooLong.abort();
  }
  checkCertificate(options.cert, choice, timers.now());
  return {
    headers: headersOf(options, choice.user),
    tls: tlsOf(options),
    agent: typeof options.agent === 'object' ? options.agent : undefined,
  };
}

/** One context as a kubeconfig in JSON, which is YAML too, with the gaps of client-node filled. */
function forKubeConfig({ cluster, user }: Choice): string {
  const tokenFile = textOf(user.tokenFile);
  const plugin = user.exec;
  const account: Record<string, unknown> = { ...user };
  // Read again every minute this way, as a service account's token needs; `tokenFile` itself client-node ignores.
  if (tokenFile !== undefined) account['auth-provider'] = { name: 'tokenFile', config: { tokenFile } };
  if (isFields(plugin)) account.exec = { ...plugin, env: [...listOf(plugin.env), execInfo(cluster, plugin)] };
  const target: Record<string, unknown> = { ...cluster };
  // client-node refuses plain http unless told so, though there is no certificate to verify.
  if (cluster.server.startsWith('http:')) target['insecure-skip-tls-verify'] = true;
  return JSON.stringify({
    clusters: [{ name: 'one', cluster: target }],
    users: [{ name: 'one', user: account }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
    'current-context': 'one',
  });
}

/** What a plugin is told, as client-go tells it (client.authentication.k8s.io, ExecCredential); client-node does not. */
function execInfo(cluster: Choice['cluster'], plugin: Record<string, unknown>): { name: string; value: string } {
  const spec: Record<string, unknown> = { interactive: false };
  if (plugin.provideClusterInfo === true) {
    spec.cluster = {
      server: cluster.server,
      'tls-server-name': cluster['tls-server-name'],
      'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
      'certificate-authority-data': cluster['certificate-authority-data'],
      'proxy-url': cluster['proxy-url'],
    };
  }
  const apiVersion = textOf(plugin.apiVersion) ?? 'client.authentication.k8s.io/v1';
  return { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify({ apiVersion, kind: 'ExecCredential', spec }) };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function headersOf(options: RequestOptions, user: Choice['user']): Headers {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // Trimmed, since a token file ends in a line break, which no header may hold.
    if (typeof value === 'string') headers[name] = value.trim();
  }
  if (typeof options.auth === 'string') headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const groups = listOf(user['as-groups']).filter((group) => typeof group === 'string');
  if (groups.length > 0) headers['Impersonate-Group'] = groups;
  const uid = textOf(user['as-uid']);
  if (uid !== undefined) headers['Impersonate-Uid'] = uid;
  const extra = user['as-user-extra'];
  for (const [key, values] of Object.entries(isFields(extra) ? extra : {})) {
    headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = listOf(values).map(String);
  }
  return headers;
}

function tlsOf({ ca, cert, key, rejectUnauthorized, ...rest }: RequestOptions): TlsSettings {
  const servername = 'servername' in rest && typeof rest.servername === 'string' ? rest.servername : undefined;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(servername === undefined ? {} : { servername }),
  };
}

function checkCertificate(cert: RequestOptions['cert'], choice: Choice, nowMs: number): void {
  if (typeof cert !== 'string' && !Buffer.isBuffer(cert)) return;
  const whose = `The client certificate of user "${choice.userName}"`;
  let validTo: Date;
  try {
    validTo = new X509Certificate(cert).validToDate;
  } catch (error) {
    throw unusable(`${whose} is no certificate in PEM form.`, error);
  }
  if (validTo.getTime() < nowMs) throw unusable(`${whose} expired at ${validTo.toISOString()}.`);
}

/** A plugin's own words, first line, unless they may hold what it printed: a JSON error quotes the text it read. */
function withoutSecrets(error: unknown, choice: Choice): string {
  const plugin = isFields(choice.user.exec)
    ? `the plugin ${textOf(choice.user.exec.command) ?? ''}`
    : 'the credentials';
  if (error instanceof SyntaxError || error instanceof TypeError) return `${plugin} did not give what was expected`;
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  if (isMissing && isFields(choice.user.exec)) return `${plugin} was not found`;
  const line = (messageOf(error).trim().split('\n', 1)[0] ?? '').slice(0, 300).replace(/\.$/, '');
  // JWTs, OpenShift's sha256~ tokens and anything else as long and as dense.
  return `${line === '' ? `${plugin} failed` : line}`.replace(/[A-Za-z0-9+/_~.=-]{40,}/g, '***');
}
