import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { sampleOf } from '../faults/seeded.ts';
import {
  type Effects,
  type Ground,
  killAt,
  momentsOf,
  prepareGround,
  type Tally,
  traceEffects,
  withPlace,
} from './kill-rounds.ts';
import { startAgain, testHere } from './kill-service.ts';

// `kill -9` of the server, of packers and of the API server at every side effect of the server in turn, on the real
// cluster: before it is done, and once it is done but the server has not gone on. The list comes from a trace of a server
// beside which nobody is killed. MUSTER_LONG takes all of it, else a seeded sample.

const isLong = process.env.MUSTER_LONG !== undefined;
const SEED = Number(process.env.MUSTER_SEED ?? 20_261_121);
const timeout = isLong ? 3_600_000 : 240_000;
const sampled = <T>(all: readonly T[], count: number) => sampleOf(all, isLong ? undefined : count, SEED);

let ground: Ground;
const traces = new Map<string, Effects>();
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.remove());

/** So many kills, and then all is looked at. */
const BATCH = 30;

function inBatches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, index) =>
    all.slice(index * BATCH, (index + 1) * BATCH),
  );
}

const throughExec = () => ({ ...ground, packImage: undefined });

async function traced(way: 'packers' | 'exec'): Promise<Effects> {
  const options = way === 'packers' ? ground : throughExec();
  const found = traces.get(way) ?? (await withPlace({ ...options, name: `trace-${way}` }, traceEffects));
  traces.set(way, found);
  return found;
}

async function counted(what: string, effects: number, work: (tally: Tally) => Promise<void>): Promise<void> {
  const beganMs = Date.now();
  const tally: Tally = { kills: 0, reports: 0, missed: [] };
  try {
    await work(tally);
  } finally {
    const seconds = Math.round((Date.now() - beganMs) / 1000);
    const line = `${what}: ${effects} side effects, ${tally.kills} kills, ${tally.reports} reports, ${seconds} s`;
    const missed = tally.missed.map(({ when, effect }) => `; not reached: ${when} ${effect}`).join('');
    process.stdout.write(`${line}${missed}\n`);
  }
  expect(
    tally.missed.map(({ when, effect }) => `${when} ${effect}`),
    'each of them was reached',
  ).toEqual([]);
}

testHere('the server, at what it does for each report', { timeout }, async () => {
  const { always, atStop } = await traced('packers');
  const all = [...always, ...atStop];
  await counted('the server killed', all.length, async (tally) => {
    for (const [index, moments] of inBatches(sampled(momentsOf(all), 4)).entries()) {
      const rounds = { moments, victim: 'self' as const, atStop };
      await withPlace({ ...ground, name: `server-${index}` }, (place) => killAt(rounds, place, tally));
    }
  });
});

testHere('the server, at what it does only where files come through exec', { timeout }, async () => {
  const before = Object.values(await traced('packers')).flat();
  const { always } = await traced('exec');
  const only = always.filter((effect) => !before.includes(effect));
  await counted('the server killed on the way through exec', only.length, async (tally) => {
    const rounds = { moments: sampled(momentsOf(only), 1), victim: 'self' as const, atStop: [] };
    await withPlace({ ...throughExec(), name: 'exec' }, (place) => killAt(rounds, place, tally));
  });
});

testHere('packers, at each of their requests', { timeout }, async () => {
  const asked = (await traced('packers')).always.filter((effect) => /^answer \w+ \/ingest\//.test(effect));
  await counted('packers killed', asked.length, async (tally) => {
    const rounds = { moments: sampled(momentsOf(asked), 2), victim: 'packers' as const, atStop: [] };
    await withPlace({ ...ground, name: 'of-packers' }, (place) => killAt(rounds, place, tally));
  });
});

testHere('the server, at what it does once in the life of an installation', { timeout }, async () => {
  const { atFirst } = await traced('packers');
  await counted('the server killed in its first life', atFirst.length, async (tally) => {
    for (const [index, moment] of sampled(momentsOf(atFirst), 1).entries()) {
      const rounds = { moments: [moment], victim: 'self' as const, atStop: [] };
      await withPlace({ ...ground, name: `first-${index}` }, (place) => killAt(rounds, place, tally));
    }
  });
});

testHere('the API server, at each request that changes something in the cluster', { timeout }, async () => {
  const changes = (await traced('packers')).always.filter((effect) => /^(POST|PATCH|DELETE) /.test(effect));
  const pidFile = join(dirname(process.env.KUBECONFIG ?? ''), 'pids', 'kube-apiserver');
  await counted('the API server killed', changes.length, async (tally) => {
    const rounds = { moments: sampled(momentsOf(changes), 1), victim: { pidFile }, atStop: [], mend: startAgain };
    await withPlace({ ...ground, name: 'of-api' }, (place) => killAt(rounds, place, tally));
  });
});
