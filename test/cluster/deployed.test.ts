import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ask,
  binding,
  type Deployment,
  deployMuster,
  expectYes,
  loadMuster,
  must,
  namespace,
  report,
} from './deployment.ts';

// deploy/base with a server that runs: what it needs it has, and what people do with it works.

const SHOP = 'muster-test-shop';

let deployment: Deployment | undefined;
let forward: { readonly process: ChildProcess; readonly port: number } | undefined;
let ca = '';

beforeAll(async () => {
  removeWorld();
  deployment = await deployMuster(loadMuster(), 1);
  must(['create', '-f', '-'], { input: namespace(SHOP) });
  for (const name of ['boss', 'clerk']) must(['create', 'serviceaccount', name, '-n', SHOP]);
  const subjects = [{ kind: 'ServiceAccount', name: 'boss', namespace: SHOP }];
  must(['create', '-f', '-'], { input: binding(SHOP, { metadata: { name: 'muster-test-boss' }, subjects }) });
  must(['rollout', 'status', 'deployment/muster', '-n', 'muster', '--timeout=120s']);
  const secret = ['get', 'secret', 'muster-tls', '-n', 'muster', '-o', 'jsonpath={.data.ca\\.crt}'];
  ca = Buffer.from(must(secret), 'base64').toString();
  forward = await forwarded();
});
afterAll(() => {
  forward?.process.kill();
  removeWorld();
  deployment?.remove();
});

function removeWorld(): void {
  must(['delete', 'clusterrolebinding', 'muster-test-boss', '--ignore-not-found']);
  must(['delete', 'namespace', SHOP, '--ignore-not-found', '--timeout=90s']);
}

/** Another pod, on the same volume and with the same certificate. */
async function restartServer(): Promise<void> {
  forward?.process.kill();
  must(['delete', 'pod', '-n', 'muster', '-l', 'app=muster', '--timeout=60s']);
  must(['rollout', 'status', 'deployment/muster', '-n', 'muster', '--timeout=120s']);
  forward = await forwarded();
}

async function forwarded() {
  const args = ['port-forward', '-n', 'muster', 'service/muster', ':443', '--address=127.0.0.1'];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(30_000) })) as [string];
  return { process: child, port: Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]) };
}

type Answer = { readonly status: number; readonly body: Buffer };

/** As `curl --cacert` would, to the name that the Service has inside the cluster. */
function call(method: string, path: string, { token = '', body = '' } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
    };
    const servername = 'muster.muster.svc';
    const options = { host: '127.0.0.1', port: forward?.port, servername, ca, method, path, headers };
    const asked = request(options, async (response) => {
      const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>);
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const tokenOf = (account: string, ...more: string[]): string =>
  must(['create', 'token', account, '-n', SHOP, ...more]).trim();
const ready = (name: string, inNamespace: string) =>
  ask(['wait', 'mgr', name, '-n', inNamespace, '--for=condition=Ready', '--timeout=150s']);

type Report = {
  metadata: { name: string; uid: string; labels: Record<string, string> };
  status: { phase: string; report_url: string; requestedBy?: string; archive: { size: number; sha256: string } };
};
const read = (name: string, inNamespace: string): Report =>
  JSON.parse(must(['get', 'mgr', name, '-n', inNamespace, '-o', 'json'])) as Report;

async function expectGone(name: string, inNamespace: string): Promise<void> {
  const { uid } = read(name, inNamespace).metadata;
  expectYes(ask(['delete', 'mgr', name, '-n', inNamespace, '--timeout=120s']));
  const mark = ['-l', `muster.dev/report=${uid}`, '-o', 'name'];
  expect(must(['get', 'namespaces,clusterrolebindings', ...mark])).toBe('');
  const store = ['exec', '-n', 'muster', 'deployment/muster', '--', 'find', '/var/lib/muster', '-path', `*${uid}*`];
  expect(must(store)).toBe('');
}

test('lives, is ready, and lets in nobody but cluster-admins', async () => {
  expect((await call('GET', '/healthz')).status).toBe(200);
  expect((await call('GET', '/readyz')).status).toBe(200);
  expect((await call('GET', '/must-gather')).status).toBe(401);
  expect((await call('GET', '/must-gather', { token: tokenOf('clerk') })).status).toBe(403);
  const forIngest = tokenOf('boss', '--audience=muster-ingest');
  expect((await call('GET', '/must-gather', { token: forIngest })).status).toBe(401);
  expect((await call('GET', '/must-gather', { token: tokenOf('boss') })).status).toBe(200);
});

test('a report over REST: asked for, gathered with Muster’s own image, fetched from the next pod too, gone', async () => {
  const token = tokenOf('boss');
  const made = await call('POST', '/must-gather', { token, body: '{"custom-name":"deployed","timeout":"2m"}' });
  expect(made.status, made.body.toString()).toBe(201);
  const { id, name } = JSON.parse(made.body.toString()) as { id: number; name: string };
  expectYes(ready(name, 'muster'));
  const { status } = read(name, 'muster');
  expect(status.phase).toBe('Completed');
  expect(status.requestedBy).toBe(`system:serviceaccount:${SHOP}:boss`);
  const digest = async () =>
    createHash('sha256')
      .update((await call('GET', `/must-gather/${id}/data`, { token })).body)
      .digest('hex');
  expect(await digest()).toBe(status.archive.sha256);
  await restartServer();
  expect(await digest()).toBe(status.archive.sha256);
  await expectGone(name, 'muster');
});

test('a report with kubectl, in any namespace: Ready, fetched by its report_url, gone', async () => {
  must(['create', '-f', '-'], { input: report('by-hand', { namespace: SHOP }) });
  expectYes(ready('by-hand', SHOP));
  const { status, metadata } = read('by-hand', SHOP);
  expect(status.phase).toBe('Completed');
  const url = new URL(status.report_url);
  expect(url.pathname).toBe(`/must-gather/${metadata.labels['muster.dev/id']}/data`);
  const { body } = await call('GET', url.pathname, { token: tokenOf('boss') });
  expect(body.length).toBe(status.archive.size);
  await expectGone('by-hand', SHOP);
});

test('in a namespace that somebody named: its pods go, nothing else', async () => {
  const wished = {
    ...report('here', { namespace: SHOP }),
    spec: { runNamespace: SHOP, command: 'echo hello > /must-gather/hello' },
  };
  must(['create', '-f', '-'], { input: wished });
  expectYes(ready('here', SHOP));
  expect(read('here', SHOP).status.phase).toBe('Completed');
  await expectGone('here', SHOP);
  expect(must(['get', 'pods', '-n', SHOP, '-o', 'name'])).toBe('');
});

test('nothing was forbidden to the server, and it was never started again', () => {
  expect(must(['logs', '-n', 'muster', 'deployment/muster'])).not.toMatch(/forbidden/i);
  const restarts = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}';
  expect(must(['get', 'pods', '-n', 'muster', '-o', restarts])).toBe('0');
});
