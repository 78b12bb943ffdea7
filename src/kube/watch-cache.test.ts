import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeError } from './errors.ts';
import { type KubeObject, pods } from './kinds.ts';
import { eventually, sendJson, sendStatus, startServer, type TestServer, testTimers } from './test-server.ts';
import { type CacheEvent, type WatchCache, watchCache } from './watch-cache.ts';

const pod = (name: string, version: number) => ({
  metadata: { name, namespace: 'n', uid: name, resourceVersion: String(version), managedFields: [{ manager: 'x' }] },
});

/** An API server for one list and its watches, of which the test holds the newest. */
async function scripted(listed: () => { version: number; items: KubeObject[] }) {
  const watches: ServerResponse[] = [];
  const refusals: number[] = [];
  const server = await startServer((request, response) => {
    if (!request.url?.includes('watch=true')) {
      const { version, items } = listed();
      sendJson(response, { metadata: { resourceVersion: String(version) }, items });
      return;
    }
    const refusal = refusals.shift();
    if (refusal !== undefined) {
      const tooNew = 'Timeout: Too large resource version: 9, current: 1';
      if (refusal === 410) sendStatus(response, refusal, 'Expired');
      else sendStatus(response, refusal, 'Timeout', tooNew);
      return;
    }
    response.writeHead(200).flushHeaders();
    watches.push(response);
  });
  const lists = () => server.requests.filter((line) => !line.includes('watch=true')).length;
  const event = (type: string, object: unknown) => watches.at(-1)?.write(`${JSON.stringify({ type, object })}\n`);
  return { server, watches, refusals, lists, event };
}

let server: TestServer | undefined;
let cache: WatchCache<KubeObject> | undefined;
afterEach(async () => {
  cache?.stop();
  await server?.close();
});

function open(timers: ReturnType<typeof testTimers>, kube = server?.kube({ timers })) {
  const events: string[] = [];
  const errors: unknown[] = [];
  const onChange = ({ type, object }: CacheEvent<KubeObject>) => events.push(`${type} ${object.metadata.name}`);
  const onError = (error: unknown) => errors.push(error);
  if (kube === undefined) throw new Error('no server');
  cache = watchCache(kube, pods, { namespace: 'n', onChange, onError, timers, random: () => 0 });
  return { cache, events, errors };
}

/** Moves the clock on until it holds: what happens in sockets takes real time, however busy the machine is. */
async function eventuallyWithin(timers: ReturnType<typeof testTimers>, holds: () => boolean): Promise<void> {
  for (let round = 0; round < 1000 && !holds(); round++) await timers.advance(500);
  expect(holds()).toBe(true);
}

describe('the watch cache', () => {
  it('lists, watches with bookmarks, drops managedFields, and takes lines in pieces of any length', async () => {
    const api = await scripted(() => ({ version: 1, items: [pod('a', 1)] }));
    server = api.server;
    const opened = open(testTimers());
    await opened.cache.synced;
    await eventually(() => api.watches.length === 1);
    const query = new URL(api.server.requests.at(-1)?.split(' ')[1] ?? '', 'http://x').searchParams;
    expect([query.get('allowWatchBookmarks'), query.get('resourceVersion')]).toEqual(['true', '1']);
    const padded = { ...pod('b', 2), status: { message: 'é'.repeat(2_000_000) } };
    const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: padded })}\n`);
    for (let at = 0; at < bytes.length; at += 999_999) {
      api.watches[0]?.write(bytes.subarray(at, at + 999_999));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    api.event('DELETED', pod('a', 3));
    await opened.cache.waitFor('a', (object) => object === undefined, AbortSignal.timeout(5000));
    expect(opened.events).toEqual(['added a', 'added b', 'removed a']);
    expect(opened.cache.values().map((object) => object.metadata.managedFields)).toEqual([undefined]);
    expect(opened.cache.get('b')).toMatchObject({ status: padded.status });
  });

  it('sees an event at once after an hour of silence, without a list in between', async () => {
    const api = await scripted(() => ({ version: 1, items: [] }));
    server = api.server;
    const timers = testTimers();
    const opened = open(timers);
    await eventually(() => api.watches.length === 1);
    const listsBefore = api.lists();
    // As the API server does: a bookmark, and the end, when timeoutSeconds are over. Nine minutes stay below the guard
    // of ten; the rest of the hour passes within one guarded list each.
    for (let round = 1; round <= 13; round++) {
      await timers.advance(40_000);
      api.event('BOOKMARK', { metadata: { resourceVersion: String(100 + round) } });
      api.watches.at(-1)?.end();
      await eventually(() => api.watches.length === round + 1);
    }
    expect(api.lists()).toBe(listsBefore);
    expect(api.server.requests.at(-1)).toContain('resourceVersion=113&');
    for (let round = 14; round <= 90; round++) {
      await timers.advance(40_000);
      api.watches.at(-1)?.end();
      await eventually(() => api.watches.length === round + 1);
    }
    // The clock stands: no list brings it.
    api.event('ADDED', pod('late', 200));
    await opened.cache.waitFor('late', (object) => object !== undefined, AbortSignal.timeout(5000));
    expect(opened.errors).toEqual([]);
  });

  it('lists anew every ten minutes, so that a server which forgets events is corrected', async () => {
    let items = [pod('a', 1)];
    const api = await scripted(() => ({ version: 1, items }));
    server = api.server;
    const timers = testTimers();
    const opened = open(timers);
    await eventually(() => api.watches.length === 1);
    items = [pod('b', 2)];
    for (let round = 1; round <= 16; round++) {
      await timers.advance(40_000);
      api.watches.at(-1)?.end();
      await eventually(() => api.watches.length === round + 1);
    }
    expect(opened.events).toEqual(['added a', 'removed a', 'added b']);
  });

  it('notices a mute socket within 60 s', async () => {
    const api = await scripted(() => ({ version: 1, items: [] }));
    server = api.server;
    const timers = testTimers();
    const opened = open(timers);
    await eventually(() => api.watches.length === 1);
    const mutedAtMs = timers.now();
    while (api.watches.length < 2 && timers.now() - mutedAtMs < 120_000) await timers.advance(1000);
    expect(timers.now() - mutedAtMs).toBeLessThanOrEqual(60_000);
    api.event('ADDED', pod('a', 2));
    await opened.cache.waitFor('a', (object) => object !== undefined, AbortSignal.timeout(5000));
    expect((opened.errors[0] as KubeError).reason).toBe('Mute');
  });

  it.each([
    ['too old, as the answer', 410, true],
    ['too old, as an event', 410, false],
    // After etcd was restored from a backup: the server's newest version is older than what was seen.
    ['too new, as the answer', 504, true],
  ])('lists anew when its version is of no use any more (%s)', async (_how, status, asAnswer) => {
    let items = [pod('a', 1), pod('b', 1)];
    const api = await scripted(() => ({ version: 1, items }));
    server = api.server;
    const timers = testTimers();
    const opened = open(timers);
    await eventually(() => api.watches.length === 1);
    items = [pod('b', 2), pod('c', 2)];
    if (asAnswer) {
      // As often as the client tries a 5xx again.
      api.refusals.push(...Array(status === 410 ? 1 : 4).fill(status));
      await timers.advance(40_000);
      api.watches[0]?.end();
    } else {
      api.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    }
    await eventuallyWithin(timers, () => opened.errors.length === 1);
    await eventuallyWithin(timers, () => api.watches.length === 2);
    expect(opened.events).toEqual(['added a', 'added b', 'removed a', 'changed b', 'added c']);
  });

  it('gets over errors and cut lines without a hot loop', async () => {
    const api = await scripted(() => ({ version: 1, items: [] }));
    server = api.server;
    const timers = testTimers();
    const opened = open(timers);
    await eventually(() => api.watches.length === 1);
    api.watches[0]?.write('{"type":"ADDED","object":{"metada');
    api.watches[0]?.destroy();
    await eventually(() => opened.errors.length === 1);
    const before = api.server.requests.length;
    for (let second = 0; second < 60; second++) {
      api.watches.at(-1)?.end('not json\n');
      await timers.advance(1000);
    }
    const asked = api.server.requests.length - before;
    expect(asked).toBeGreaterThan(5);
    expect(asked).toBeLessThan(40);
    await eventuallyWithin(timers, () => api.watches.at(-1)?.writableEnded === false);
    api.event('ADDED', pod('a', 2));
    await opened.cache.waitFor('a', (object) => object !== undefined, AbortSignal.timeout(5000));
  });

  it('rejects those who wait when the first list is forbidden, and when it is stopped', async () => {
    server = await startServer((_request, response) => sendStatus(response, 403, 'Forbidden'));
    const opened = open(testTimers());
    await expect(opened.cache.synced).rejects.toMatchObject({ status: 403 });
    const waited = opened.cache.waitFor('a', () => true, AbortSignal.timeout(5000));
    await expect(waited).rejects.toMatchObject({ status: 403 });
    await server.close();

    const api = await scripted(() => ({ version: 1, items: [] }));
    server = api.server;
    const second = open(testTimers());
    await second.cache.synced;
    const waiting = second.cache.waitFor('a', (object) => object !== undefined, new AbortController().signal);
    second.cache.stop();
    await expect(waiting).rejects.toMatchObject({ reason: 'Stopped' });
    const aborted = AbortSignal.abort(new Error('deadline'));
    await expect(second.cache.waitFor('a', () => false, aborted)).rejects.toThrow('deadline');
  });
});
