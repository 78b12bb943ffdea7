import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must, rendered, report } from './deployment.ts';
import {
  expectGone,
  expectReady,
  type LiveService,
  readReport,
  SHOP,
  startLiveService,
  tokenOf,
} from './live-service.ts';

// deploy/base with a server that runs: what it needs it has, and what people do with it works.

let live: LiveService | undefined;
beforeAll(async () => {
  live = await startLiveService();
});
afterAll(() => live?.remove());

const call: LiveService['call'] = (...request) => {
  if (live === undefined) throw new Error('the service does not run');
  return live.call(...request);
};

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
  expectReady(name, 'muster');
  const { status } = readReport(name, 'muster');
  expect(status.phase).toBe('Completed');
  expect(status.requestedBy).toBe(`system:serviceaccount:${SHOP}:boss`);
  const digest = async () =>
    createHash('sha256')
      .update((await call('GET', `/must-gather/${id}/data`, { token })).body)
      .digest('hex');
  expect(await digest()).toBe(status.archive.sha256);
  await live?.restart();
  expect(await digest()).toBe(status.archive.sha256);
  expectGone(name, 'muster');
});

test('a report with kubectl, in any namespace: Ready, fetched by its report_url, gone', async () => {
  must(['create', '-f', '-'], { input: report('by-hand', { namespace: SHOP }) });
  expectReady('by-hand', SHOP);
  const { status, metadata } = readReport('by-hand', SHOP);
  expect(status.phase).toBe('Completed');
  const url = new URL(status.report_url);
  expect(url.pathname).toBe(`/must-gather/${metadata.labels['muster.dev/id']}/data`);
  const { body } = await call('GET', url.pathname, { token: tokenOf('boss') });
  expect(body.length).toBe(status.archive.size);
  expectGone('by-hand', SHOP);
});

test('in a namespace that somebody named: its pods go, nothing else', async () => {
  const wished = {
    ...report('here', { namespace: SHOP }),
    spec: { runNamespace: SHOP, command: 'echo hello > /must-gather/hello' },
  };
  must(['create', '-f', '-'], { input: wished });
  expectReady('here', SHOP);
  expect(readReport('here', SHOP).status.phase).toBe('Completed');
  expectGone('here', SHOP);
  expect(must(['get', 'pods', '-n', SHOP, '-o', 'name'])).toBe('');
});

test('without the policy of reports it is not ready and begins none; both come back with it', {
  timeout: 400_000,
}, async () => {
  const kind = 'ValidatingAdmissionPolicyBinding';
  const isIt = (object: { kind: string; metadata: { name: string } }) =>
    object.kind === kind && object.metadata.name === 'reports.muster.dev';
  const binding = rendered('deploy/base').find(isIt);
  const readiness = async () => {
    const { status, body } = await call('GET', '/readyz');
    return `${status} ${body}`;
  };
  const log = () => must(['logs', '-n', 'muster', 'deployment/muster', '-c', 'muster']);
  try {
    must(['delete', kind, 'reports.muster.dev']);
    await expect.poll(readiness, { timeout: 30_000 }).toMatch(/^503 .*Binding reports\.muster\.dev is not there/);
    await expect.poll(log, { timeout: 30_000, interval: 1000 }).toContain('"message":"reports wait"');
    must(['create', '-f', '-'], { input: report('unguarded', { namespace: SHOP }) });
    await setTimeout(5000);
    expect(must(['get', 'mgr', 'unguarded', '-n', SHOP, '-o', 'jsonpath={.metadata.finalizers}{.status}'])).toBe('');
  } finally {
    must(['apply', '-f', '-'], { input: binding });
  }
  await expect.poll(readiness, { timeout: 30_000 }).toMatch(/^200 /);
  expectReady('unguarded', SHOP);
  expect(log()).toContain('"message":"reports wait no more"');
  expectGone('unguarded', SHOP);
});

test('nothing was forbidden to the server, and it was never started again', () => {
  expect(must(['logs', '-n', 'muster', 'deployment/muster'])).not.toMatch(/forbidden/i);
  const restarts = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}';
  expect(must(['get', 'pods', '-n', 'muster', '-o', restarts])).toBe('0');
});
