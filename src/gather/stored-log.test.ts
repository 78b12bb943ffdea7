import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realTimers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import { openDirectoryStore } from '../store/directory-store.ts';
import type { Store } from '../store/store.ts';
import { logExcerpt, openStoredLog, readStoredLog, storedLogBytes } from './stored-log.ts';

describe('a log in the store', () => {
  let folder: string;
  let store: Store;
  let logs = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stored-log-'));
    store = await openDirectoryStore(folder, { sweepBeforeMs: 0 });
  });
  afterAll(() => rm(folder, { recursive: true }));
  const newFolder = () => `logs/${++logs}`;
  const open = (at: string, to = store, onError: (error: unknown) => void = fail) =>
    openStoredLog({ store: to, folder: at, timers: realTimers, onError });
  const fail = (error: unknown) => {
    throw error;
  };
  const textOf = async (at: string, from = 0) =>
    Buffer.concat(await Array.fromAsync(readStoredLog(store, at, from))).toString();

  it('holds what was written, over processes that follow one another, and is read from anywhere', async () => {
    const lines = fc.array(
      fc.string({ maxLength: 40 }).map((text) => `${text.replaceAll('\n', ' ')}\n`),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(lines, { maxLength: 4 }), fc.nat(), async (sessions, anywhere) => {
        const at = newFolder();
        for (const session of sessions) {
          const log = await open(at);
          for (const line of session) log.write(line);
          await log.close();
        }
        const whole = Buffer.from(sessions.flat().join(''));
        const from = whole.length === 0 ? 0 : anywhere % whole.length;
        expect(await storedLogBytes(store, at)).toBe(whole.length);
        expect(await textOf(at, from)).toBe(whole.subarray(from).toString());
      }),
      { numRuns: process.env.MUSTER_LONG === undefined ? 30 : 1000 },
    );
  });

  it('is few objects, however long it goes on, and a reader meanwhile misses nothing', {
    timeout: 30_000,
  }, async () => {
    const at = newFolder();
    let whole = '';
    for (let session = 0; session < 110; session += 1) {
      const log = await open(at);
      log.write(`line ${session}\n`);
      whole += `line ${session}\n`;
      await log.close();
      if (session > 95) expect(await textOf(at)).toBe(whole);
    }
    expect((await store.list(at)).length).toBeLessThan(20);
  });

  it('tells of lines that a slow store could not take, and takes what came later', async () => {
    const at = newFolder();
    let isDown = true;
    const put: Store['put'] = async (key, bytes, options) => {
      if (isDown) throw new MusterError('StoreUnavailable', 'the store is away');
      return await store.put(key, bytes, options);
    };
    const errors: unknown[] = [];
    const log = await open(at, { ...store, put }, (error) => errors.push(error));
    const line = `${'x'.repeat(1023)}\n`;
    for (let lines = 0; lines < 6000; lines += 1) log.write(line);
    await expect(log.close()).rejects.toThrow('the store is away');
    isDown = false;
    await log.close();
    log.write('back\n');
    await log.close();
    const text = await textOf(at);
    expect(text.slice(-80)).toMatch(/x\n… \d+ lines are left out here: the store was too slow for them\nback\n$/);
    expect(text.length).toBeLessThan(5 * 2 ** 20);
    expect(errors.length).toBeGreaterThan(0);
  });

  it('asks a store that is full no more once it is closed', async () => {
    const at = newFolder();
    let asked = 0;
    let alarms = 0;
    const full = async () => {
      asked += 1;
      throw new MusterError('DestinationFailed', 'no room');
    };
    const after = () => {
      alarms += 1;
      return () => {
        alarms -= 1;
      };
    };
    const timers = { now: Date.now, after };
    const log = await openStoredLog({ store: { ...store, put: full }, folder: at, timers, onError: () => undefined });
    log.write('in time\n');
    await expect(log.close()).rejects.toThrow('no room');
    log.write('too late\n');
    expect([asked > 0, alarms]).toEqual([true, 0]);
  });

  it('shows its beginning and its end, whole lines, and says what lies between', async () => {
    const at = newFolder();
    const log = await open(at);
    for (let line = 0; line < 1000; line += 1) log.write(`line ${line}\n`);
    await log.close();
    const shown = (await logExcerpt(store, at, 100)).split('\n');
    expect(shown[0]).toBe('line 0');
    expect(shown.at(-2)).toBe('line 999');
    expect(shown.filter((line) => !/^line \d+$/.test(line))).toEqual([
      expect.stringMatching(/^… \d+ bytes are left out here: the archive has them …$/),
      '',
    ]);
    expect(await logExcerpt(store, at, 10_000)).toBe(await textOf(at));
    expect(await logExcerpt(store, newFolder(), 10)).toBe('');
  });
});
