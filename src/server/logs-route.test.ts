import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { realTimers, sleep, type Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import { withHeartbeat } from './heartbeat.ts';
import { createLongAnswers } from './long-answers.ts';
import type { Reports } from './reports.ts';
import { type Asked, startService, type TestService } from './test-reports.ts';

let service: TestService;
afterEach(() => service?.close());

/** A service with one report of gathers `a` and `b`. */
async function start(logs?: Reports['logs']): Promise<void> {
  service = await startService(logs === undefined ? {} : { logs });
  const report = await service.reports.create({} as never, { username: 'ada' }, AbortSignal.timeout(1000));
  const gathers = ['a', 'b'].map((name) => ({ name, image: 'q/a', phase: 'Running' as const }));
  Object.assign(report.status ?? {}, { gathers });
}
const ask = (query = '', asked?: Asked) => service.ask(`/must-gather/1/logs${query}`, asked);

describe('logs', () => {
  it('are text, of all gathers or of one', async () => {
    await start();
    const all = await ask();
    expect(all.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await all.text()).toBe('[a] log of 1\n');
    expect(await (await ask('?gather=b')).text()).toBe('[b] log of 1\n');
    expect(await (await ask('', { method: 'HEAD' })).text()).toBe('');
  });

  it.each([
    ['?gather=c', 404, /no gather "c"/],
    ['?follow=perhaps', 400, /^follow: /],
  ])('%s is refused', async (query, status, message) => {
    await start();
    const answer = await ask(query);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ message: expect.stringMatching(message) });
  });

  it('are followed until the report ends', async () => {
    const ended = Promise.withResolvers<void>();
    await start(async function* (_report, { follow }) {
      yield `[a] ${follow}\n`;
      await ended.promise;
      yield '[a] last\n';
    });
    const answer = await ask('?follow=true');
    const reader = Readable.fromWeb(answer.body as never);
    let said = '';
    for await (const chunk of reader) {
      said += chunk;
      if (said === '[a] true\n') ended.resolve();
    }
    expect(said).toBe('[a] true\n[a] last\n');
  });

  it('end with their reader', async () => {
    const reasons: unknown[] = [];
    await start(async function* (_report, _query, signal) {
      try {
        yield 'first\n';
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      } catch (error) {
        reasons.push(error);
        throw error;
      }
    });
    const leaving = new AbortController();
    const answer = await ask('?follow=true', { signal: leaving.signal });
    await answer.body?.getReader().read();
    leaving.abort();
    await vi.waitFor(() => expect(reasons).toHaveLength(1), { timeout: 10_000 });
    expect(service.failures).toEqual([]);
  });

  it('are cut when the service ends, so that nobody takes them for whole', async () => {
    await start(async function* () {
      yield 'first\n';
      await new Promise(() => undefined);
    });
    const answer = await ask('?follow=true');
    const read = text(Readable.fromWeb(answer.body as never));
    const cut = expect(read).rejects.toThrow();
    await service.close();
    await cut;
  });

  it('that break off are cut, and the log of the service says why', async () => {
    const boom = new Error('store away');
    await start(async function* () {
      yield 'first\n';
      throw boom;
    });
    await expect(ask().then((answer) => answer.text())).rejects.toThrow();
    expect(service.failures).toEqual([boom]);
  });

  it('that cannot be had at all are an error with its status', async () => {
    // biome-ignore lint/correctness/useYield: it fails before it says a word
    await start(async function* () {
      throw new MusterError('NotFound', 'The log is gone.');
    });
    const answer = await ask();
    expect([answer.status, await answer.json()]).toEqual([404, { code: 'NotFound', message: 'The log is gone.' }]);
  });
});

describe('a heartbeat', () => {
  it('comes when nothing else does, first soon, then rarely', async () => {
    const waits: number[] = [];
    const timers: Timers = {
      now: () => 0,
      after: (delayMs, run) => {
        waits.push(delayMs);
        const soon = setTimeout(run, 20);
        return () => clearTimeout(soon);
      },
    };
    const source = async function* () {
      await sleep(realTimers, 50);
      yield 'a';
    };
    const never = new AbortController().signal;
    const said = await Array.fromAsync(
      withHeartbeat(source(), { beat: '.', everyMs: 30, firstAfterMs: 1, timers }, never),
    );
    expect(said.join('')).toMatch(/^\.+a$/);
    expect(waits.slice(0, 2)).toEqual([1, 30]);
  });
});

describe('a long answer', () => {
  it('ends within a minute after the caller lost their rights, and not for trouble with asking', async () => {
    const alarms: (() => void)[] = [];
    const timers: Timers = {
      now: () => 0,
      after: (delayMs, run) => {
        expect(delayMs).toBe(60_000);
        alarms.push(run);
        return () => undefined;
      },
    };
    const answers = [new MusterError('ClusterUnreachable', 'away'), new MusterError('RightsMissing', 'no more')];
    const access = { authorize: () => Promise.reject(answers.shift()) };
    const failures: unknown[] = [];
    const long = createLongAnswers({ addHook: () => undefined } as never, {
      access,
      onFailure: (error) => failures.push(error),
      timers,
    });
    const request = { signal: new AbortController().signal, headers: {} } as never;
    const read = Array.fromAsync(
      long.stream(request, async function* (signal) {
        yield 'a';
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      }),
    );
    const refused = expect(read).rejects.toThrow('no more');
    for (let at = 0; at < 2; at += 1) {
      await vi.waitFor(() => expect(alarms).toHaveLength(at + 1));
      alarms[at]?.();
    }
    await refused;
    expect(failures).toEqual([]);
  });
});
