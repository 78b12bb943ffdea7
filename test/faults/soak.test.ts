import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inCluster } from '../contract/made.ts';
import { ask, type ServiceWorld } from '../sandbox/service-world.ts';
import { expectCompleted, filesBelow, filesInStore, untilOver } from './endings.ts';
import { GATHER_IMAGE, gatherFor, makeReport, startGatherWorld } from './gathers.ts';
import { makeNamespace, preloads, type ServeProcess, startServe } from './serve-process.ts';

// A report every 10 s, or as soon as the one before has ended, for a while. Each is fetched, all but the newest are
// deleted. What grows is told, and what must not grow does not.

const isLong = process.env.MUSTER_LONG !== undefined;
const SOAK_MS = isLong ? 30 * 60_000 : 2 * 60_000;
const REPORT_EVERY_MS = 10_000;
/** Reports that are kept; the oldest beyond that is deleted. */
const KEPT = 3;
/** Compiled code and caches fill up before. */
const WARM_UP = isLong ? 0.25 : 0.4;
/** A line through a few points of a short run is a rough guess. */
const MOST_HEAP_MB_PER_HOUR = isLong ? 60 : 900;
/** A machine that has other work, too. */
const ENDED_WITHIN_MS = 300_000;
/** Connections to the cluster and to packers come and go. */
const MORE_FILES = 12;

let world: ServiceWorld;
let server: ServeProcess;
beforeAll(async () => {
  world = await startGatherWorld();
  await makeNamespace(world);
  const nodeArgs = ['--expose-gc', '--import', preloads.meterHeap];
  server = await startServe(world, { home: 'soak', nodeArgs });
});
afterAll(async () => {
  await server?.kill();
  await world?.close();
});

/** What the process takes, when nothing is under way in it. */
type Sample = {
  readonly atMs: number;
  readonly heapMb: number;
  readonly rssMb: number;
  readonly openFiles: number;
  readonly files: number;
  readonly inCluster: number;
};

async function heapBytes(): Promise<number> {
  const before = server.log.length;
  server.signal('SIGUSR2');
  const metered = () => server.log.slice(before).find(({ message }) => message === 'heap metered')?.heapUsedBytes;
  await expect.poll(metered, { timeout: 20_000, interval: 50 }).toBeDefined();
  return Number(metered());
}

const storeFiles = () => filesInStore(join(server.home, 'store'));
const workFiles = () => filesBelow(join(server.home, 'tmp'));

async function sample(): Promise<Sample> {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return {
    atMs: Date.now(),
    heapMb: (await heapBytes()) / 1e6,
    rssMb: (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024) / 1e6,
    openFiles: readdirSync(`/proc/${server.pid}/fd`).length,
    files: (await storeFiles()).length + (await workFiles()).length,
    inCluster: (await inCluster(world.kube)).length,
  };
}

/** Of the line that is closest to the points. */
function slopePerHour(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const [x, y] = [mean(({ atMs }) => atMs), mean(of)];
  const sum = (of: (sample: Sample) => number) => samples.reduce((total, each) => total + of(each), 0);
  return (sum((each) => (each.atMs - x) * (of(each) - y)) / sum(({ atMs }) => (atMs - x) ** 2)) * 3_600_000;
}

const afterWarmUp = (samples: readonly Sample[]) => samples.slice(Math.ceil(samples.length * WARM_UP));
const range = (samples: readonly Sample[], of: (sample: Sample) => number) =>
  `${Math.round(Math.min(...samples.map(of)))} to ${Math.round(Math.max(...samples.map(of)))}`;

async function oneReport(urls: string[]): Promise<void> {
  const wish = { image: GATHER_IMAGE, command: gatherFor(1, 1_000_000), timeout: '5m' };
  const { url } = await makeReport(server.url, wish);
  urls.push(url);
  await expectCompleted(await untilOver(url, ENDED_WITHIN_MS), url, world.folder);
  const oldest = urls.length > KEPT ? urls.shift() : undefined;
  if (oldest !== undefined) expect((await ask(oldest, 'DELETE')).status).toBe(204);
}

test('a report every 10 s: no file stays open, nothing is left, and the heap stays', {
  timeout: SOAK_MS + 2 * ENDED_WITHIN_MS,
}, async () => {
  const urls: string[] = [];
  const samples: Sample[] = [];
  const beganMs = Date.now();
  let reports = 0;
  for (; Date.now() - beganMs < SOAK_MS; reports += 1) {
    await oneReport(urls);
    // What was deleted has gone by then, and the report's pod too.
    await setTimeout(Math.max(2000, beganMs + (reports + 1) * REPORT_EVERY_MS - Date.now()));
    samples.push(await sample());
  }
  const counted = afterWarmUp(samples);
  const slope = slopePerHour(counted, ({ heapMb }) => heapMb);
  const seconds = Math.round((Date.now() - beganMs) / 1000);
  process.stdout.write(
    [
      `soak: ${reports} reports in ${seconds} s`,
      `heap ${range(counted, ({ heapMb }) => heapMb)} MB, slope ${slope.toFixed(1)} MB/h`,
      `memory ${range(counted, ({ rssMb }) => rssMb)} MB`,
      `open files ${range(counted, ({ openFiles }) => openFiles)}`,
      `files ${range(counted, ({ files }) => files)}`,
      `things in the cluster ${range(counted, (each) => each.inCluster)}\n`,
    ].join('; '),
  );
  const [first] = counted;
  const last = counted.at(-1);
  expect(last?.openFiles).toBeLessThanOrEqual((first?.openFiles ?? 0) + MORE_FILES);
  // The archives, logs and notes of so many reports, and of one on its way.
  expect(last?.files).toBeLessThanOrEqual((first?.files ?? 0) * 2);
  expect(slope).toBeLessThan(MOST_HEAP_MB_PER_HOUR);
  for (const url of urls) expect((await ask(url, 'DELETE')).status).toBe(204);
  const left = async () => [...(await inCluster(world.kube)), ...(await storeFiles())];
  await expect.poll(left, { timeout: ENDED_WITHIN_MS, interval: 500 }).toEqual([]);
  await server.stop();
  expect(await workFiles()).toEqual([]);
  expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
});
