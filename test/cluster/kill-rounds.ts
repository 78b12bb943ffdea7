import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { scratch } from '../contract/command.ts';
import { KILLED, type Moment, type Victim } from '../faults/faults.ts';
import { loadMuster, must } from './deployment.ts';
import { type Asker, createAsker, expectAllWell, expectNothingLeft, installKind } from './kill-reports.ts';
import { bundleMuster, openPlace, type Place, type PlaceOptions, type Server } from './kill-service.ts';
import { loadImages } from './muster.ts';
import { type PodRecord, watchPods } from './pod-record.ts';

/** A report takes some six seconds, and so does its deletion; on a busy machine some times as long. */
const REACHED_WITHIN_MS = 60_000;
const STOPS_AFTER_MS = 2000;
const STOPPED_WITHIN_MS = 30_000;

/** What all places of a test file stand on; `folder` is for files of the tests, too. */
export type Ground = Omit<PlaceOptions, 'namespace'> & { remove(): Promise<void> };

/** The images in the nodes, the kind in the cluster, and the program. */
export async function prepareGround(): Promise<Ground> {
  loadImages(['good']);
  const packImage = loadMuster();
  installKind();
  const { folder, remove } = await scratch();
  try {
    return { folder, program: bundleMuster(folder), packImage, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A namespace of its own, and a store, for `work`. */
export async function withPlace<T>(
  { folder, name, program, packImage }: Omit<PlaceOptions, 'namespace'> & { readonly name: string },
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const namespace = `muster-kills-${name}`;
  must(['create', 'namespace', namespace]);
  const home = join(folder, name);
  await mkdir(home);
  const place = await openPlace({ folder: home, namespace, program, packImage });
  try {
    return await work(place);
  } finally {
    await place.end();
    discard(namespace);
    await rm(home, { recursive: true });
  }
}

/** Nobody is there any more to take the finalizers away of what a test that failed has left. */
function discard(namespace: string): void {
  for (const name of must(['get', 'mgr', '-n', namespace, '-o', 'name']).split('\n').filter(Boolean)) {
    must(['patch', name, '-n', namespace, '--type=merge', '-p', '{"metadata":{"finalizers":[]}}']);
    must(['delete', name, '-n', namespace, '--ignore-not-found']);
  }
  must(['delete', 'clusterrolebindings,namespaces', '-l', 'muster.dev/report', '--wait=false']);
  must(['delete', 'namespace', namespace, '--wait=false']);
}

export type Effects = {
  /** Only in the life of the first server. */
  readonly atFirst: readonly string[];
  readonly always: readonly string[];
  readonly atStop: readonly string[];
};

/** What servers do that nobody kills, from their start over a report and its deletion to their stop. */
export async function traceEffects(place: Place): Promise<Effects> {
  const asker = createAsker(place.url);
  const lives: string[][] = [];
  const stops: string[] = [];
  let seen = 0;
  const since = async () => {
    const lines = (await place.trace()).slice(seen);
    seen += lines.length;
    return lines;
  };
  for (let life = 0; life < 2; life += 1) {
    const server = place.serve();
    expect(await server.listening).toBe(true);
    expect(await asker.ask(), 'a report to trace').toBeGreaterThan(0);
    await asker.untilEnded();
    await asker.removeAll();
    lives.push(await since());
    await stop(server);
    stops.push(...(await since()));
  }
  const [first = [], always = []] = lives;
  const others = (of: readonly string[]) => [...new Set(of)].filter((effect) => !always.includes(effect));
  return { atFirst: others(first), always: [...new Set(always)], atStop: others(stops) };
}

export const momentsOf = (effects: readonly string[]): Moment[] =>
  effects.flatMap((effect) => [
    { when: 'before' as const, effect },
    { when: 'after' as const, effect },
  ]);

export type Tally = { kills: number; reports: number; readonly missed: Moment[] };

export type Rounds = {
  readonly moments: readonly Moment[];
  readonly victim: Victim;
  /** Side effects that come only when the server is told to stop. */
  readonly atStop: readonly string[];
  /** After a kill that does not hit the server: what makes up for it. */
  readonly mend?: () => Promise<void>;
};

/** One server after another, each with a kill at one of the moments while it makes and deletes reports; the last has none. */
export async function killAt(rounds: Rounds, place: Place, tally: Tally): Promise<void> {
  const { moments, mend } = rounds;
  const pods = watchPods();
  const asker = createAsker(place.url, { mayBeRefused: mend !== undefined });
  const missed: Moment[] = [];
  try {
    for (const at of moments) if (!(await killOnce(at, { rounds, place, asker, tally }))) missed.push(at);
    // What is done only now and then, as when two of three gathers have ended, may not come up in one round.
    for (const at of missed) if (!(await killOnce(at, { rounds, place, asker, tally }))) tally.missed.push(at);
    await endWell(place, asker, { pods: mend === undefined ? pods : undefined, afterKills: moments.length });
    tally.reports += asker.asked();
  } finally {
    await mend?.();
    pods.stop();
  }
}

type Round = { readonly rounds: Rounds; readonly place: Place; readonly asker: Asker; readonly tally: Tally };

/** One server, killed or not: whether the moment came. */
async function killOnce(at: Moment, { rounds, place, asker, tally }: Round): Promise<boolean> {
  const { victim, atStop, mend } = rounds;
  const server = place.serve({ kill: { at, victim } });
  if (await server.listening) {
    await asker.ask();
    await asker.removeOneThatEnded();
  }
  const stopAfterMs = atStop.includes(at.effect) ? STOPS_AFTER_MS : REACHED_WITHIN_MS;
  const isReached = await (victim === 'self' ? isDead : isHit)(server, at, place, stopAfterMs);
  if (isReached) tally.kills += 1;
  await mend?.();
  // Else reports that were held up pile up from round to round, and none ends in time to be deleted.
  if (mend !== undefined && server.process.exitCode === null) await asker.untilEnded(120_000);
  if (victim !== 'self') await stop(server);
  return isReached;
}

type Ending = { readonly pods: PodRecord | undefined; readonly afterKills: number };

async function endWell(place: Place, asker: Asker, { pods, afterKills }: Ending): Promise<void> {
  const last = place.serve();
  expect(await last.listening).toBe(true);
  const reports = await asker.untilEnded(60_000 + afterKills * 10_000);
  await expectAllWell(reports, asker, pods);
  await asker.removeAll();
  await stop(last);
  await expectNothingLeft(place);
}

const lineOf = ({ when, effect }: Moment) => `${KILLED}${when} ${effect}`;

/** Whether it died of it. Some moments come only when the server is told to stop, which it is in the end. */
async function isDead(server: Server, at: Moment, place: Place, stopAfterMs: number): Promise<boolean> {
  const late = setTimeout(() => server.process.kill('SIGTERM'), stopAfterMs);
  await server.ended;
  clearTimeout(late);
  return (await place.trace()).includes(lineOf(at));
}

/** Whether somebody else died, while the server lives on. */
async function isHit(server: Server, at: Moment, place: Place, withinMs: number): Promise<boolean> {
  const lateAtMs = Date.now() + withinMs;
  while (Date.now() < lateAtMs && server.process.exitCode === null) {
    if ((await place.trace()).includes(lineOf(at))) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** In order, as Kubernetes stops it. */
export async function stop(server: Server): Promise<void> {
  const late = setTimeout(() => server.process.kill('SIGKILL'), STOPPED_WITHIN_MS);
  server.process.kill('SIGTERM');
  await server.ended;
  clearTimeout(late);
  expect(server.process.exitCode, 'it stops in order').not.toBeNull();
}
