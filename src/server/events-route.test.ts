import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { realTimers, type Timers } from '../kube/timers.ts';
import { validateSpec } from '../report/spec.ts';
import { createEventFeed } from './event-feed.ts';
import type { Reports } from './reports.ts';
import { startService, type TestService, testReports } from './test-reports.ts';

let service: TestService;
afterEach(() => service?.close());

const ada = { username: 'ada' };
const soon = () => AbortSignal.timeout(20_000);
const make = (reports: Pick<Reports, 'create'>, customName = 'a') =>
  reports.create(validateSpec({ customName }).spec, ada, soon());

type Event = { event: string; data: { id?: number; status?: string; 'custom-name'?: string } };

/** Events as they come; comments are left out. */
async function* listen(query = '', signal = soon()): AsyncGenerator<Event> {
  const answer = await service.ask(`/events${query}`, { signal });
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  let rest = '';
  for await (const chunk of answer.body ?? []) {
    const blocks = (rest + Buffer.from(chunk).toString()).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const found = /^event: (\w+)\ndata: (.*)$/.exec(block);
      if (found !== null) yield { event: found[1] ?? '', data: JSON.parse(found[2] ?? '') };
      else expect(block).toMatch(/^:/);
    }
  }
}

async function take(events: AsyncGenerator<Event>, count: number): Promise<[string, number | undefined, unknown][]> {
  const taken: [string, number | undefined, unknown][] = [];
  while (taken.length < count) {
    const next = await events.next();
    if (next.done === true) break;
    taken.push([next.value.event, next.value.data.id, next.value.data.status]);
  }
  return taken;
}

describe('events', () => {
  it('are every report first, then each change, then what is gone', async () => {
    service = await startService();
    await make(service.reports);
    await make(service.reports);
    const events = listen();
    expect(await take(events, 3)).toEqual([
      ['report', 1, 'new'],
      ['report', 2, 'new'],
      ['synced', undefined, undefined],
    ]);
    service.reports.end(2, 'Failed');
    expect(await take(events, 1)).toEqual([['report', 2, 'error']]);
    const [first] = service.reports.list();
    if (first !== undefined) await service.reports.remove(first, ada, soon());
    await make(service.reports);
    expect(await take(events, 2)).toEqual([
      ['gone', 1, undefined],
      ['report', 3, 'new'],
    ]);
    await events.return(undefined);
  });

  it('are only what comes, where that was asked for', async () => {
    service = await startService();
    await make(service.reports);
    const events = listen('?since=now');
    const next = take(events, 1);
    await vi.waitFor(async () => {
      await make(service.reports, 'b');
      expect(await Promise.race([next, pause(50)])).toBeDefined();
    });
    expect(await next).toEqual([['report', expect.any(Number), 'new']]);
    await events.return(undefined);
    const refused = await service.ask('/events?since=ever');
    expect(refused.status).toBe(400);
  });

  it('stop being asked for when nobody listens', async () => {
    const reports = testReports();
    let listening = 0;
    service = await startService({
      changes: async function* (signal) {
        listening += 1;
        try {
          yield* reports.changes(signal);
        } finally {
          listening -= 1;
        }
      },
    });
    const first = listen();
    const second = listen();
    await Promise.all([take(first, 1), take(second, 1)]);
    expect(listening).toBe(1);
    await first.return(undefined);
    await second.return(undefined);
    await vi.waitFor(() => expect(listening).toBe(0), { timeout: 5000 });
    expect(service.failures).toEqual([]);
    expect(await take(listen(), 1)).toEqual([['synced', undefined, undefined]]);
  });

  it('break off for all when they can no longer be heard of, and the log tells once why', async () => {
    const boom = new Error('watch broke');
    const breaking = Promise.withResolvers<never>();
    service = await startService({
      // biome-ignore lint/correctness/useYield: nothing ever happens before it breaks
      changes: async function* () {
        await breaking.promise;
      },
    });
    const clients = [listen(), listen(), listen()];
    await Promise.all(clients.map((client) => take(client, 1)));
    breaking.reject(boom);
    await Promise.allSettled(clients.map((client) => take(client, 1)));
    expect(service.failures).toEqual([boom]);
  });

  it('end in order when the service does', async () => {
    service = await startService();
    const events = listen();
    await take(events, 1);
    const rest = Promise.allSettled([take(events, 1)]);
    await service.close();
    await rest;
    expect(service.failures).toEqual([]);
  });

  it('are for 500 clients at most', async () => {
    service = await startService();
    const { hostname, port } = new URL(service.url);
    const request = `GET /events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n`;
    const sockets = Array.from({ length: 500 }, () => connect(Number(port), hostname));
    try {
      await Promise.all(
        sockets.map(
          (socket) =>
            new Promise((resolve, reject) => {
              socket.on('error', reject).once('data', resolve);
              socket.write(request);
            }),
        ),
      );
      const refused = await service.ask('/events');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
      expect(await refused.json()).toMatchObject({ code: 'TooManyRequests' });
    } finally {
      for (const socket of sockets) socket.on('error', () => undefined).destroy();
    }
  });
});

describe('a client that takes nothing', () => {
  it('is let go after 1,000 changed reports; one report that changes all the time counts once', async () => {
    const reports = testReports();
    const cuts: unknown[] = [];
    const own = new AbortController();
    const feed = createEventFeed({ reports });
    const events = feed.events({ burst: false, cut: (reason) => cuts.push(reason) }, own.signal);
    await events.next();
    await make(reports);
    for (let at = 0; at < 5000; at += 1) reports.end(1, 'Gathering');
    for (let at = 0; at < 999; at += 1) await make(reports);
    await pause(20);
    expect(cuts).toEqual([]);
    await make(reports);
    await vi.waitFor(() => expect(cuts).toHaveLength(1));
    own.abort();
    await expect(events.next()).rejects.toThrow();
    expect(feed.clients()).toBe(0);
  });

  it('is let go after 30 s', async () => {
    const waits: number[] = [];
    const alarms: (() => void)[] = [];
    const timers: Timers = {
      ...realTimers,
      after: (delayMs, run) => {
        waits.push(delayMs);
        alarms.push(run);
        return () => undefined;
      },
    };
    const cuts: unknown[] = [];
    const feed = createEventFeed({ reports: testReports(), timers });
    const events = feed.events({ burst: true, cut: (reason) => cuts.push(reason) }, soon());
    await events.next();
    expect([waits, cuts]).toEqual([[30_000], []]);
    alarms[0]?.();
    expect(cuts).toHaveLength(1);
    await events.return(undefined);
    expect(feed.clients()).toBe(0);
  });

  it('is cut off, and others are not held up', async () => {
    service = await startService();
    for (let at = 0; at < 300; at += 1) await make(service.reports, 'n'.repeat(250));
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('GET /events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n');
    socket.pause();
    const other = listen('?since=now');
    const heard = take(other, 1);
    let made = 0;
    // Until the kernel's buffers are full of its burst, and then of changes that it does not take.
    while (service.reports.open.count === 0 && made < 20_000 && !socket.destroyed) {
      await make(service.reports, 'n'.repeat(250));
      made += 1;
      if (made % 500 === 0) await pause(1);
      if (made === 6000) socket.resume();
    }
    expect(await heard).toHaveLength(1);
    socket.destroy();
    await closed;
    await other.return(undefined);
  });
});
