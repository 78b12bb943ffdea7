import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listOf, startApi } from '../gather/test-api.ts';
import { type TestServer, testTimers } from '../kube/test-server.ts';
import { openDirectoryStore } from '../store/directory-store.ts';
import { createCleanUp } from './clean-up.ts';

const MINUTE_MS = 60_000;

let folder = '';
let api: TestServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clean-up-'));
  // A namespace that something else holds: it does not go.
  api = await startApi({
    'GET /api/v1/namespaces': listOf({ metadata: { name: 'openshift-must-gather-u-1' } }),
    'DELETE /api/v1/namespaces/openshift-must-gather-u-1': {},
  });
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

test('waits five minutes for a namespace by its own clock, whatever the clock says; then says so, and goes on', async () => {
  const timers = testTimers();
  const errors: string[] = [];
  const store = await openDirectoryStore(join(folder, 'store'), { sweepBeforeMs: 0 });
  await store.put('archives/u-1/must-gather.tar.gz', Readable.from([Buffer.from('archive')]));
  const cleanUp = createCleanUp({ store, timers, onError: (error) => errors.push(String(error)) });
  const remove = () => cleanUp.remove({ kube: api.kube(), reportUid: 'u-1', keepNamespace: false });
  expect(await remove()).toBe(1000);
  await timers.advance(5 * MINUTE_MS - 1);
  expect(await remove()).toBe(1000);
  expect(await store.list('')).toHaveLength(1);
  expect(errors).toEqual([]);
  await timers.advance(1);
  expect(await remove()).toBeUndefined();
  expect(errors).toEqual([expect.stringContaining('u-1 gathered in is still not gone')]);
  expect(await store.list('')).toEqual([]);
});
