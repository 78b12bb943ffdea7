import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parse } from 'yaml';
import { startEmpty } from '../../sandbox/sample/start-sample.ts';
import type { Sandbox } from '../../sandbox/server.ts';
import { connect } from '../../src/kube/connect.ts';
import { type Kind, type KubeObject, secrets } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { CLUSTER_LABEL } from '../../src/operator/other-clusters.ts';
import { type S3Server, startS3Server } from '../contract/s3-server.ts';
import { clusterRoleBindings, serviceAccounts } from './access-world.ts';
import { type CanarySearch, createCanarySearch } from './canary-search.ts';
import { bin, freePort, PACKER_IMAGE, type ServiceWorld, startServiceWorld } from './service-world.ts';

/** A value that nothing else has. */
const nonsense = () => `canary${randomBytes(18).toString('hex')}`;
/** What makes a token worth something: the rest of it is known to many. */
const signatureOf = (token: string) => token.split('.').at(-1) ?? '';

export const S3_IDENTITY = {
  MUSTER_S3_ACCESS_KEY_ID: nonsense(),
  MUSTER_S3_SECRET_ACCESS_KEY: nonsense(),
  MUSTER_S3_SESSION_TOKEN: nonsense(),
};

/** Objects that hold secrets by their nature. */
const KEEPERS = new Set(['default/another-cluster', 'default/muster-tls', 'openshift-mtv/vcenter']);

export type Answer = { readonly status: number; readonly text: string };
export type Caller = Readonly<Record<string, string>>;

/** A server process, and the authority that its certificate is of. */
export type Serving = { readonly url: string; readonly stop: () => Promise<void> };

/** For tests: a sandbox, another one, S3, and secrets of which all are known. */
export type CanaryWorld = Awaited<ReturnType<typeof startCanaryWorld>>;

export async function startCanaryWorld() {
  const search = createCanarySearch();
  const world = await startServiceWorld();
  const other = await startEmpty({});
  const s3 = await startS3Server();
  const front = await startS3Front(s3);
  const temporary = join(world.folder, 'temporary');
  await mkdir(temporary);
  for (const [name, value] of Object.entries(S3_IDENTITY)) search.add({ name, value });
  const { tokens, callers } = await makeCallers(world, search);
  const kubeconfig = join(world.folder, 'server.kubeconfig');
  await writeFile(kubeconfig, withToken(world.sandbox, tokens.server), { mode: 0o600 });
  await tellOfOther(world.kube, other, search);
  await plantSecret(world.kube, search);
  const running: ChildProcess[] = [];
  const kinds = () => [...world.sandbox.api.kinds()];
  const s3Seen = { count: 0 };

  const lookAtObjects = (sandbox: Sandbox, all = kinds()) => {
    for (const kind of all) {
      for (const [key, object] of sandbox.api.store.snapshot(kind)) {
        const { namespace, name, uid = '', resourceVersion = '' } = object.metadata;
        if (kind.plural === 'secrets' && KEEPERS.has(`${namespace}/${name}`)) continue;
        search.lookOnce(`${kind.plural} ${key}`, `${uid} ${resourceVersion}`, () => JSON.stringify(object));
      }
    }
  };
  /** Tokens that the kubelet gave to pods, and files that are there to hold a token or keys, their owner's alone. */
  const isKeeper = (path: string) =>
    /\/volumes\/[^/]+\/token$/.test(path) || /kubeconfig$|\/tls\/muster-tls\.json/.test(path);
  const lookAround = async () => {
    await search.lookAtProcesses();
    await search.lookAtFiles(world.folder, isKeeper);
    for (const { folder } of [world.sandbox, other]) {
      if (folder !== undefined) await search.lookAtFiles(join(folder, 'pods'), isKeeper);
    }
    lookAtObjects(world.sandbox);
    lookAtObjects(other, [...other.api.kinds()]);
    for (const asked of s3.requests.slice(s3Seen.count)) {
      s3Seen.count += 1;
      const { authorization: _signed, 'x-amz-security-token': _session, ...headers } = asked.headers;
      const line = `${asked.method} ${asked.path} ${asked.query} ${JSON.stringify(headers)}`;
      search.look(`a request to S3: ${asked.method} ${asked.key}`, line);
      search.look(`what was stored in S3 as ${asked.key}`, asked.body);
    }
  };

  /** `muster serve`, as a person starts it; its log is looked at as it comes. */
  const serve = async (store: string, env: Record<string, string> = {}, hasPackers = true): Promise<Serving> => {
    const ingestPort = await freePort();
    const flags = ['--kubeconfig', kubeconfig, '--listen=127.0.0.1:0', `--store=${store}`];
    const ingest = [`--ingest-listen=127.0.0.1:${ingestPort}`, `--ingest-url=https://127.0.0.1:${ingestPort}`];
    const packers = hasPackers ? [...ingest, `--pack-image=${PACKER_IMAGE}`] : [];
    const child = spawn(process.execPath, [bin, 'serve', ...flags, ...packers], {
      env: { ...process.env, TMPDIR: temporary, MUSTER_NAMESPACE: 'default', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    const ended = once(child, 'exit');
    child.stderr.setEncoding('utf8').on('data', (text: string) => search.look("the server's errors", text));
    const url = await listeningOf(child, (line) => search.look("the server's log", line));
    return {
      url,
      stop: async () => {
        child.kill('SIGTERM');
        await ended;
      },
    };
  };
  const tlsSecret = async () => (await world.kube.get(secrets, 'muster-tls', { namespace: 'default' })).data ?? {};

  return {
    ...world,
    search,
    s3,
    other,
    tokens,
    callers,
    temporary,
    serve,
    tlsSecret,
    lookAround,
    bucket: `s3://${s3.bucket}/reports`,
    s3Env: { ...S3_IDENTITY, MUSTER_S3_ENDPOINT: front.endpoint },
    /** The private keys of Muster's own certificates, as a Secret or a file has them. */
    addKeys: (data: Readonly<Record<string, string>> = {}) => {
      for (const [name, value] of Object.entries(data)) {
        const pem = Buffer.from(value, 'base64').toString();
        if (pem.includes('PRIVATE KEY')) search.add({ name, value: pem.split('\n')[1] ?? '' });
      }
    },
    close: async () => {
      for (const child of running) child.kill('SIGKILL');
      front.close();
      await s3.end();
      await other.close();
      await world.close();
    },
  };
}

/** The address that a server listens on, from its log. */
async function listeningOf(child: ChildProcess, onLine: (line: string) => void): Promise<string> {
  let rest = '';
  return await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        onLine(line);
        const { message, url } = JSON.parse(line) as { message: string; url?: string };
        if (message === 'listening' && url !== undefined) resolve(url);
      }
    });
  });
}

/** s3rver knows one access key only, and it is no canary. */
async function startS3Front(s3: S3Server) {
  const server = createServer((incoming, outgoing) => {
    const { authorization = '' } = incoming.headers;
    incoming.headers.authorization = authorization.replace(S3_IDENTITY.MUSTER_S3_ACCESS_KEY_ID, 'S3RVER');
    s3.handle(incoming, outgoing);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function makeCallers({ kube, sandbox }: ServiceWorld, search: CanarySearch) {
  const good = await accountToken(kube, 'caller', true);
  const weak = await accountToken(kube, 'weak', false);
  const server = await accountToken(kube, 'server', true);
  sandbox.faults.moveClock(-3_600_000);
  const expired = await accountToken(kube, 'late', true);
  sandbox.faults.moveClock(3_600_000);
  const tokens = { good, weak, server, expired, bad: `bad.${nonsense()}` };
  for (const [name, token] of Object.entries(tokens)) search.add({ name: `${name} token`, value: signatureOf(token) });
  const bearer = (token: string): Caller => ({ authorization: `Bearer ${token}` });
  const callers: Readonly<Record<string, Caller>> & { good: Caller } = {
    good: bearer(good),
    weak: bearer(weak),
    expired: bearer(expired),
    bad: bearer(tokens.bad),
    basic: { authorization: `Basic ${tokens.bad}` },
    cookie: { cookie: `token=${good}` },
    impersonator: { ...bearer(good), 'impersonate-user': 'system:admin' },
    none: {},
  };
  return { tokens, callers };
}

/** A token of a new account, cluster-admin or without any rights, good for ten minutes. */
async function accountToken(kube: Kube, name: string, isAdmin: boolean): Promise<string> {
  const namespace = 'default';
  const kind: Kind<KubeObject & { spec?: object; status?: { token?: string } }> = {
    group: '',
    version: 'v1',
    plural: `serviceaccounts/${name}/token`,
    kind: 'TokenRequest',
    namespaced: true,
  };
  await kube.create(serviceAccounts, { metadata: { name } }, { namespace });
  if (isAdmin) {
    await kube.create(clusterRoleBindings, {
      metadata: { name: `canary-${name}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    });
  }
  const { status } = await kube.create(kind, { metadata: {}, spec: { expirationSeconds: 600 } }, { namespace });
  return status?.token ?? '';
}

/** A kubeconfig for the sandbox with a token in place of the administrator's key. */
function withToken(sandbox: Sandbox, token: string): string {
  const config = parse(sandbox.kubeconfig) as { users: { user: object }[] };
  for (const each of config.users) each.user = { token };
  return JSON.stringify(config);
}

async function tellOfOther(kube: Kube, other: Sandbox, search: CanarySearch): Promise<void> {
  const there = await connect({ kubeconfigText: other.kubeconfig, env: {} });
  const token = await accountToken(there, 'muster', true);
  await there.close();
  search.add({ name: "the other cluster's token", value: signatureOf(token) });
  const data = { kubeconfig: Buffer.from(withToken(other, token)).toString('base64') };
  const metadata = { name: 'another-cluster', labels: { [CLUSTER_LABEL]: '' } };
  await kube.create(secrets, { metadata, data }, { namespace: 'default' });
}

/** A Secret of a namespace that gathers look at, as `kubectl apply` leaves one: its value is in an annotation as well. */
async function plantSecret(kube: Kube, search: CanarySearch): Promise<void> {
  const value = nonsense();
  search.add({ name: "a gathered Secret's value", value });
  const data = { password: Buffer.from(value).toString('base64') };
  const applied = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'vcenter' }, data });
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': applied };
  await kube.create(secrets, { metadata: { name: 'vcenter', annotations }, data }, { namespace: 'openshift-mtv' });
}

export type Asked = {
  readonly url: string;
  readonly ca: string;
  readonly headers: Caller;
  readonly method?: string;
  readonly body?: object | undefined;
};

/** One request, its answer whole. */
export async function askOver({ url, ca, headers, method = 'GET', body }: Asked): Promise<Answer & { head: string }> {
  const sent = request(url, {
    ca,
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    agent: false,
    signal: AbortSignal.timeout(30_000),
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = await once(sent, 'response');
  const text = (await buffer(response)).toString('latin1');
  return { status: response.statusCode, text, head: JSON.stringify(response.headers) };
}
