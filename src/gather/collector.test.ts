import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sealArchive } from '../archive/seal.ts';
import { realTimers } from '../kube/timers.ts';
import type { Collector } from './collector.ts';
import { createCollector } from './collector.ts';
import { createEventPage } from './events.ts';
import type { GatherPart } from './gather-part.ts';
import { openGatherPart } from './gather-part.ts';
import { FIND_FORMAT, parseListing } from './listing.ts';
import type { PodFiles } from './pod-files.ts';

let folder = '';
let source = '';
const said: string[] = [];
const never = new AbortController().signal;
const opened: GatherPart[] = [];
/** Retries wait a hundredth of their time. */
const quickTimers = {
  now: realTimers.now,
  after: (delayMs: number, run: () => void) => realTimers.after(delayMs / 100, run),
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-collector-'));
  source = join(folder, 'source');
  mkdirSync(source);
  said.length = 0;
});
afterEach(async () => {
  for (const part of opened.splice(0)) await part.close();
  await rm(folder, { recursive: true, force: true });
});

type Faults = {
  /** Cuts the n-th tar stream after so many bytes. */
  readonly cutTarAfterBytes?: readonly number[];
  readonly tools?: { tar: boolean; list: boolean };
};

/** A pod whose files are a folder of this machine, seen through the same programs as in a real one. */
function localPod(faults: Faults = {}): PodFiles & { readonly tarCalls: (number | 'all')[] } {
  const tarCalls: (number | 'all')[] = [];
  const cuts = [...(faults.cutTarAfterBytes ?? [])];
  return {
    tarCalls,
    tools: async () => faults.tools ?? { tar: true, list: true },
    list: () => {
      const find = spawn('find', [source, '-mindepth', '1', '-printf', FIND_FORMAT]);
      return parseListing(find.stdout);
    },
    tar: async (paths, take) => {
      tarCalls.push(paths?.length ?? 'all');
      const list = paths === undefined ? ['.'] : ['--null', '--no-recursion', '-T', '-'];
      const tar = spawn('tar', ['-C', source, '-cf', '-', ...list]);
      tar.stdin.end(paths?.map((path) => `./${path}\0`).join('') ?? '');
      const stderr = text(tar.stderr);
      const exit = new Promise<number>((resolve) => tar.on('close', (code) => resolve(code ?? 1)));
      const cutAfterBytes = cuts.shift();
      if (cutAfterBytes !== undefined) cutStream(tar.stdout, cutAfterBytes);
      await take(tar.stdout);
      return { exitCode: await exit, stderr: await stderr };
    },
    stop: async () => undefined,
  };
}

function cutStream(stream: Readable, afterBytes: number): void {
  let seen = 0;
  stream.on('data', (chunk: Buffer) => {
    seen += chunk.length;
    if (seen > afterBytes) stream.destroy(new Error('connection reset'));
  });
}

async function partOf(): Promise<GatherPart> {
  const say = (line: string) => said.push(line);
  writeFileSync(join(folder, 'gather.logs'), 'log\n');
  const part = await openGatherPart({
    directory: join(folder, 'part'),
    folder: 'top/g',
    say,
    events: createEventPage(say),
  });
  opened.push(part);
  return part;
}

/** Seals the part, unpacks it with GNU tar, and compares it with the source, but for the gather's log. */
async function expectSame(part: GatherPart): Promise<void> {
  const finished = await part.finish(join(folder, 'gather.logs'));
  const destination = join(folder, 'out.tar.gz');
  await sealArchive({ parts: [finished], generated: [], destination, mtimeMs: 0 });
  const out = join(folder, 'out');
  mkdirSync(out);
  execFileSync('tar', ['-xzf', destination, '-C', out]);
  rmSync(join(out, 'top/g/gather.logs'));
  execFileSync('diff', ['-r', '--no-dereference', source, join(out, 'top/g')]);
  expect(said.filter((line) => line.includes('cannot'))).toEqual([]);
}

function collectorOf(files: PodFiles, part: GatherPart, isGone = () => false) {
  return createCollector({ files, sink: part.sink, say: (line) => said.push(line), timers: quickTimers, isGone });
}

function fill(): void {
  mkdirSync(join(source, 'logs/deep'), { recursive: true });
  mkdirSync(join(source, 'empty'));
  for (let i = 0; i < 50; i += 1) writeFileSync(join(source, `logs/${i}.log`), `line ${i}\n`.repeat(i * 40));
  writeFileSync(join(source, '-rf'), 'a name like an option');
  writeFileSync(join(source, 'logs/deep/new\nline'), 'x');
  symlinkSync('1.log', join(source, 'logs/link'));
}

describe('bringing files out of a pod', () => {
  test('everything at the end, when nothing was copied before', async () => {
    fill();
    const pod = localPod();
    const part = await partOf();
    expect(await collectorOf(pod, part).finish(never)).toEqual({ complete: true, message: '' });
    await expectSame(part);
  });

  test('settled files early, once, and at the end only the rest', async () => {
    fill();
    const pod = localPod();
    const part = await partOf();
    const collector = collectorOf(pod, part);
    await collector.round(never);
    expect(pod.tarCalls).toEqual([]); // one look does not tell whether a file has settled
    await collector.round(never);
    expect(pod.tarCalls).toEqual([52]);
    await collector.round(never);
    expect(pod.tarCalls).toEqual([52]);
    writeFileSync(join(source, 'last.txt'), 'written at the end');
    expect((await collector.finish(never)).complete).toBe(true);
    expect(pod.tarCalls).toEqual([52, 5]); // last.txt, three folders, one link
    await expectSame(part);
  });

  test('what changed, vanished or was replaced after it was copied', async () => {
    fill();
    const part = await partOf();
    const collector = collectorOf(localPod(), part);
    await collector.round(never);
    await collector.round(never);
    appendFileSync(join(source, 'logs/7.log'), 'one more line\n');
    rmSync(join(source, 'logs/8.log'));
    writeFileSync(join(source, 'other'), 'x'.repeat(statSync(join(source, 'logs/9.log')).size));
    renameSync(join(source, 'other'), join(source, 'logs/9.log'));
    expect((await collector.finish(never)).complete).toBe(true);
    await expectSame(part);
  });

  test('carried on after cuts', async () => {
    fill();
    writeFileSync(join(source, 'large'), Buffer.alloc(3_000_000, 'x'));
    const pod = localPod({ cutTarAfterBytes: [20_000, 1_000_000] });
    const part = await partOf();
    expect((await collectorOf(pod, part).finish(never)).complete).toBe(true);
    expect(pod.tarCalls.length).toBe(3);
    expect(said.filter((line) => line.startsWith('the copy was cut'))).toHaveLength(2);
    await expectSame(part);
  });

  test('an image whose find prints no facts: in one go, from the start after a cut', async () => {
    fill();
    const pod = localPod({ tools: { tar: true, list: false }, cutTarAfterBytes: [20_000] });
    const part = await partOf();
    const collector = collectorOf(pod, part);
    await collector.round(never);
    expect((await collector.finish(never)).complete).toBe(true);
    expect(pod.tarCalls).toEqual(['all', 'all']);
    await expectSame(part);
  });

  test('an image without tar: nothing, and why', async () => {
    fill();
    const pod = localPod({ tools: { tar: false, list: false } });
    const part = await partOf();
    const result = await collectorOf(pod, part).finish(never);
    expect(result).toEqual({ complete: false, message: 'the gather image has no tar, so its files cannot be copied' });
  });

  test('a connection that always breaks: given up, what came is kept', async () => {
    fill();
    const pod = localPod({ cutTarAfterBytes: Array.from({ length: 20 }, () => 600) });
    const part = await partOf();
    const result = await collectorOf(pod, part).finish(never);
    expect(result.complete).toBe(false);
  }, 60_000);

  test('a pod that is gone is not asked again', async () => {
    fill();
    const pod = localPod({ cutTarAfterBytes: [600, 600] });
    const part = await partOf();
    const collector = collectorOf(pod, part, () => pod.tarCalls.length > 0);
    expect((await collector.finish(never)).complete).toBe(false);
    expect(pod.tarCalls).toHaveLength(1);
  });

  test('names that are no UTF-8 come in one go', async () => {
    fill();
    execFileSync('bash', ['-c', `printf x > "$1"/$'raw-\\xff'`, 'bash', source]);
    const pod = localPod();
    const part = await partOf();
    const collector = collectorOf(pod, part);
    await collector.round(never);
    await collector.round(never);
    expect((await collector.finish(never)).complete).toBe(true);
    expect(pod.tarCalls.at(-1)).toBe('all');
  });

  test('random writes while copying: the archive equals the folder at the end', async () => {
    const file = fc.nat(8).map((number) => `f${number}`);
    const content = fc.nat(5000).chain((size) => fc.nat(255).map((byte) => Buffer.alloc(size, byte)));
    const step = fc.oneof(
      fc.tuple(file, content).map(
        ([name, bytes]) =>
          () =>
            writeFileSync(join(source, name), bytes),
      ),
      fc.tuple(file, content).map(
        ([name, bytes]) =>
          () =>
            appendFileSync(join(source, name), bytes),
      ),
      file.map((name) => () => rmSync(join(source, name), { force: true })),
      fc.constant((collector: Collector) => collector.round(never)),
    );
    const numRuns = process.env.MUSTER_LONG === undefined ? 25 : 500;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        rmSync(folder, { recursive: true });
        mkdirSync(source, { recursive: true });
        const part = await partOf();
        const collector = collectorOf(localPod(), part);
        for (const run of steps) await run(collector);
        expect((await collector.finish(never)).complete).toBe(true);
        await expectSame(part);
        await part.close();
      }),
      { numRuns, seed: 7 },
    );
  }, 600_000);
});
