import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lineClock, openContainerLog } from './container-log.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-log-'));
});
afterAll(() => rm(folder, { recursive: true }));

const whole = { follow: false, signal: new AbortController().signal };
let count = 0;
const newLog = () => openContainerLog(join(folder, String(count++)), lineClock(Date.now));

describe('the log of a container', () => {
  it('gives back what was written, however it came in pieces', async () => {
    const chunks = fc.array(
      fc.uint8Array({ maxLength: 60_000 }).map((bytes) => bytes.map((byte) => (byte < 9 ? 10 : byte))),
    );
    await fc.assert(
      fc.asyncProperty(chunks, async (given) => {
        const log = await newLog();
        await log.take('stdout', Readable.from(given.map((bytes) => Buffer.from(bytes))));
        await log.end();
        const back: Buffer[] = [];
        for await (const { text, isFull } of log.entries(whole)) back.push(text, Buffer.from(isFull ? '\n' : ''));
        expect(Buffer.concat(back).equals(Buffer.concat(given.map((bytes) => Buffer.from(bytes))))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('cuts a line without end into pieces, and stamps each later than the one before', async () => {
    const log = await newLog();
    await log.take('stdout', Readable.from([Buffer.from(`first\n${'x'.repeat(100_000)}\n`)]));
    await log.end();
    const entries = await Array.fromAsync(log.entries(whole));
    expect(Math.max(...entries.map(({ text }) => text.length))).toBe(16 * 1024);
    expect(entries.filter(({ isFull }) => isFull)).toHaveLength(2);
    const times = entries.map(({ time }) => time);
    expect(times).toEqual([...new Set(times)].sort());
  });

  it('is followed to its end by many, from whenever', async () => {
    const log = await newLog();
    const source = new PassThrough();
    const taken = log.take('stdout', source);
    const follow = { ...whole, follow: true };
    const read = async () => (await Array.fromAsync(log.entries(follow))).map(({ text }) => text.toString());
    const early = read();
    source.write('one\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const late = read();
    source.end('two\nthree');
    await taken;
    await log.end();
    expect([await early, await late, await read()]).toEqual([1, 2, 3].map(() => ['one', 'two', 'three']));
  });

  it('lets a follower go who is called off', async () => {
    const log = await newLog();
    const signal = AbortSignal.timeout(50);
    await expect(Array.fromAsync(log.entries({ follow: true, signal }))).rejects.toThrow();
    await log.end();
  });

  it('keeps its clock from going back', () => {
    let nowMs = 1_000_000;
    const stamp = lineClock(() => nowMs);
    const first = stamp();
    nowMs -= 5000;
    expect(stamp() > first).toBe(true);
  });
});
