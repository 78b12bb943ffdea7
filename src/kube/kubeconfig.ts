import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { MusterError, messageOf } from '../report/errors.ts';
import type { ConnectOptions } from './connect.ts';
import { proxyFromEnvironment } from './proxy.ts';

type Fields = Record<string, unknown>;
type Named = { readonly name: string; readonly fields: Fields };

/** The one cluster and user that the options and files come down to, in the spelling of a kubeconfig. */
export type Choice = {
  /** Empty where no context was chosen: in a pod, or with `--server` alone. */
  readonly contextName: string;
  readonly clusterName: string;
  readonly userName: string;
  readonly cluster: Fields & { readonly server: string };
  readonly user: Fields;
};

type Merged = { currentContext: string; clusters: Named[]; users: Named[]; contexts: Named[]; source: string };

// Where the kubelet puts it; the sandbox, whose containers may be plain processes, names another by the variable.
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Reads what kubectl would read, with kubectl's precedence: `--kubeconfig`, else the files of KUBECONFIG merged with
 * the first to name a thing winning, else `~/.kube/config`, else the pod's service account; flags win over files.
 * Throws MusterError KubeconfigUnusable.
 */
export function chooseCluster(options: ConnectOptions): Choice {
  const merged = readFiles(options);
  if (merged === undefined && options.server === undefined) {
    const inPod = inCluster(options.env, options.env.MUSTER_SERVICE_ACCOUNT_DIR || serviceAccountFolder);
    if (inPod !== undefined) return withFlags(inPod, options);
    throw unusable('No cluster is configured: there is no kubeconfig, and this is not a pod.');
  }
  return withFlags(
    pick(merged ?? { currentContext: '', clusters: [], users: [], contexts: [], source: '' }, options),
    options,
  );
}

export function unusable(message: string, cause?: unknown): MusterError {
  return new MusterError('KubeconfigUnusable', message, { cause });
}

function readFiles(options: ConnectOptions): Merged | undefined {
  if (options.kubeconfigText !== undefined) return readText(options.kubeconfigText);
  const files = filesToRead(options).map(readFile);
  if (files.length === 0) return undefined;
  return {
    currentContext: files.find((file) => file.currentContext !== '')?.currentContext ?? '',
    clusters: files.flatMap((file) => file.clusters),
    users: files.flatMap((file) => file.users),
    contexts: files.flatMap((file) => file.contexts),
    source: files.map((file) => file.source).join(', '),
  };
}

const ELSEWHERE = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile', 'exec', 'auth-provider'];

/** Whoever wrote the text need not be who runs this process: files and programs here are none of theirs. */
function readText(text: string): Merged {
  const document = quietly(() => parse(text, { prettyErrors: false, logLevel: 'silent' }) as unknown);
  if (!isFields(document)) throw unusable('The kubeconfig is not valid YAML of a kubeconfig.');
  const read = {
    currentContext: textOf(document['current-context']) ?? '',
    clusters: namedIn(document, 'clusters', 'cluster'),
    users: namedIn(document, 'users', 'user'),
    contexts: namedIn(document, 'contexts', 'context'),
    source: 'the given text',
  };
  for (const { name, fields } of [...read.clusters, ...read.users]) {
    const found = ELSEWHERE.find((key) => fields[key] !== undefined);
    if (found !== undefined)
      throw unusable(`The kubeconfig's ${name} has ${found}, which this machine does not follow.`);
  }
  return read;
}

function filesToRead({ kubeconfig, env }: ConnectOptions): string[] {
  if (kubeconfig !== undefined) {
    if (!existsSync(kubeconfig)) throw unusable(`There is no kubeconfig ${kubeconfig}.`);
    return [kubeconfig];
  }
  // As kubectl does, files that KUBECONFIG names but that are not there are passed over.
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const home = env.HOME || env.USERPROFILE || homedir();
  return (listed.length > 0 ? listed : [join(home, '.kube', 'config')]).filter((file) => existsSync(file));
}

function readFile(path: string): Merged {
  const document = parseFile(path);
  const folder = dirname(resolve(path));
  return {
    currentContext: textOf(document['current-context']) ?? '',
    clusters: namedIn(document, 'clusters', 'cluster').map((entry) =>
      absolute(entry, folder, ['certificate-authority']),
    ),
    users: namedIn(document, 'users', 'user').map((entry) =>
      absolute(entry, folder, ['client-certificate', 'client-key', 'tokenFile']),
    ),
    contexts: namedIn(document, 'contexts', 'context'),
    source: path,
  };
}

function parseFile(path: string): Fields {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unusable(`The kubeconfig ${path} cannot be read: ${messageOf(error)}.`, error);
  }
  // What the parser says quotes the line it stumbled over, which may be a token: neither the text nor the cause is kept.
  const document = quietly(() => parse(text, { prettyErrors: false, logLevel: 'silent' }) as unknown);
  if (document === null) return {};
  if (!isFields(document)) throw unusable(`The kubeconfig ${path} is not valid YAML of a kubeconfig.`);
  return document;
}

function quietly<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function namedIn(document: Fields, list: string, key: string): Named[] {
  const entries = document[list];
  if (!Array.isArray(entries)) return [];
  return entries.filter(isFields).map((entry) => {
    const fields = entry[key];
    return { name: textOf(entry.name) ?? '', fields: isFields(fields) ? fields : {} };
  });
}

function absolute(entry: Named, folder: string, keys: readonly string[]): Named {
  const fields = { ...entry.fields };
  for (const key of keys) {
    const path = textOf(fields[key]);
    if (path !== undefined) fields[key] = isAbsolute(path) ? path : join(folder, path);
  }
  const plugin = fields.exec;
  // client-go: a plugin's command with a slash in it counts from the kubeconfig's folder, others are looked up in PATH.
  if (isFields(plugin)) {
    const command = textOf(plugin.command) ?? '';
    if (/[/\\]/.test(command) && !isAbsolute(command)) fields.exec = { ...plugin, command: join(folder, command) };
  }
  return { name: entry.name, fields };
}

function pick(merged: Merged, options: ConnectOptions): Choice {
  const contextName = options.context ?? merged.currentContext;
  const context = find(merged.contexts, contextName);
  const from = merged.source === '' ? '' : ` in ${merged.source}`;
  if (context === undefined && contextName !== '') throw unusable(`There is no context "${contextName}"${from}.`);
  const clusterName = options.cluster ?? textOf(context?.cluster) ?? '';
  const cluster = find(merged.clusters, clusterName);
  if (cluster === undefined && clusterName !== '') throw unusable(`There is no cluster "${clusterName}"${from}.`);
  const userName = options.user ?? textOf(context?.user) ?? '';
  const user = find(merged.users, userName);
  if (user === undefined && userName !== '') throw unusable(`There is no user "${userName}"${from}.`);
  const server = options.server ?? textOf(cluster?.server);
  if (server === undefined) {
    throw unusable(
      clusterName === '' ? `No current context is set${from}.` : `The cluster "${clusterName}" has no server${from}.`,
    );
  }
  return { contextName, clusterName, userName, cluster: { ...cluster, server }, user: user ?? {} };
}

function inCluster(env: ConnectOptions['env'], folder: string): Choice | undefined {
  const host = env.KUBERNETES_SERVICE_HOST;
  const port = env.KUBERNETES_SERVICE_PORT;
  const tokenFile = join(folder, 'token');
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    contextName: '',
    clusterName: 'in-cluster',
    userName: 'in-cluster',
    cluster: { server, 'certificate-authority': join(folder, 'ca.crt') },
    user: { tokenFile },
  };
}

function withFlags(choice: Choice, options: ConnectOptions): Choice {
  const cluster: Fields = { ...choice.cluster, server: checkedServer(options.server ?? choice.cluster.server) };
  if (options.certificateAuthority !== undefined) {
    cluster['certificate-authority'] = resolve(options.certificateAuthority);
    delete cluster['certificate-authority-data'];
  }
  if (options.tlsServerName !== undefined) cluster['tls-server-name'] = options.tlsServerName;
  if (options.insecureSkipTlsVerify !== undefined) cluster['insecure-skip-tls-verify'] = options.insecureSkipTlsVerify;
  if (options.insecureSkipTlsVerify === true) {
    if (options.certificateAuthority !== undefined) {
      throw unusable('--certificate-authority and --insecure-skip-tls-verify contradict each other.');
    }
    // The same two in a file and a flag: the flag wins.
    delete cluster['certificate-authority'];
    delete cluster['certificate-authority-data'];
  }
  const server = String(cluster.server);
  cluster['proxy-url'] = textOf(cluster['proxy-url']) ?? proxyFromEnvironment(server, options.env);
  return { ...choice, cluster: { ...cluster, server }, user: userWithFlags(choice.user, options) };
}

function userWithFlags(fields: Fields, options: ConnectOptions): Fields {
  let user = { ...fields };
  if (options.token !== undefined) {
    // A certificate would win over the token at the server, so whoever gives a token means the token alone.
    user = { token: options.token, as: user.as, 'as-groups': user['as-groups'] };
  }
  if (options.clientCertificate !== undefined) {
    user['client-certificate'] = resolve(options.clientCertificate);
    delete user['client-certificate-data'];
  }
  if (options.clientKey !== undefined) {
    user['client-key'] = resolve(options.clientKey);
    delete user['client-key-data'];
  }
  if (options.as !== undefined) user.as = options.as;
  if (options.asGroups !== undefined) user['as-groups'] = [...options.asGroups];
  const hasGroups = Array.isArray(user['as-groups']) && user['as-groups'].length > 0;
  if (hasGroups && !user.as) throw unusable('Groups can be impersonated only together with a user (--as).');
  return user;
}

/** kubectl takes `host:port` for `http://host:port`… which hides mistakes; a scheme is wanted here. */
function checkedServer(server: string): string {
  const url = URL.parse(server);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw unusable(`The server address ${JSON.stringify(server)} is not an http or https URL.`);
  }
  return server.replace(/\/+$/, '');
}

function find(entries: readonly Named[], name: string): Fields | undefined {
  return entries.find((entry) => entry.name === name)?.fields;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
