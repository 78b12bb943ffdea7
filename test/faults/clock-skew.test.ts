import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import { namespaces } from '../../src/kube/kinds.ts';
import { type MustGatherReport, mustGatherReports } from '../../src/operator/report-kind.ts';
import { PHASES } from '../../src/report/phases.ts';
import { inCluster } from '../contract/made.ts';
import { ask } from '../sandbox/service-world.ts';
import { expectCompleted, filesInStore, type RestReport, untilOver } from './endings.ts';
import { GATHER_IMAGE, gatherFor, makeReport, startGatherWorld } from './gathers.ts';
import { makeNamespace, preloads, type ServeProcess, startServe } from './serve-process.ts';

// The server's clock is an hour ahead of everybody else's, or an hour behind.

const HOUR_MS = 3_600_000;
const WITHIN_MS = 180_000;

async function startWorld({ expect, onTestFinished }: TestContext) {
  const world = await startGatherWorld();
  onTestFinished(() => world.close(), 60_000);
  await makeNamespace(world);
  const told: MustGatherReport[] = [];
  world.sandbox.api.store.subscribe(({ resource, object }) => {
    if (resource.plural === mustGatherReports.plural && object !== undefined) told.push(object as MustGatherReport);
  });
  const serve = async (identity: string, shiftMs: number, hasPackers = true): Promise<ServeProcess> => {
    const server = await startServe(world, {
      home: 'skewed',
      identity,
      hasPackers,
      nodeArgs: ['--import', preloads.shiftClock],
      env: { MUSTER_CLOCK_SHIFT_MS: String(shiftMs) },
    });
    onTestFinished(() => server.kill(), 60_000);
    return server;
  };
  const expectNothingLeft = async ({ home }: ServeProcess) => {
    const left = async () => [...(await inCluster(world.kube)), ...(await filesInStore(join(home, 'store')))];
    await expect.poll(left, { timeout: WITHIN_MS, interval: 500 }).toEqual([]);
  };
  return { world, serve, told, expectNothingLeft };
}

const make = ({ url }: ServeProcess, seconds: number, more: object = {}) =>
  makeReport(url, { image: GATHER_IMAGE, command: gatherFor(seconds), timeout: '3m', ...more });

/** Never back, and 100 only in the end. */
function expectSteady(told: readonly MustGatherReport[], name: string): void {
  const steps = told
    .filter(({ metadata }) => metadata.name === name)
    .map(({ status }) => ({ phase: status?.phase ?? 'New', percent: status?.progress?.percent ?? 0 }));
  for (const [index, { phase, percent }] of steps.entries()) {
    const before = steps[index - 1] ?? { phase: 'New', percent: 0 };
    expect(PHASES.indexOf(phase)).toBeGreaterThanOrEqual(PHASES.indexOf(before.phase));
    expect(percent).toBeGreaterThanOrEqual(before.percent);
    if (phase !== 'Completed') expect(percent).toBeLessThan(100);
  }
}

/** The two lines of the file `timestamp`: when it began and when it ended, and how long that was. */
async function timestampsOf(url: string, folder: string): Promise<{ at: number[]; seconds: number[] }> {
  const file = join(folder, 'timestamps.tar.gz');
  await writeFile(file, Buffer.from(await (await fetch(`${url}/data`)).arrayBuffer()));
  const text = execFileSync('tar', ['-xzOf', file, '--wildcards', '*/timestamp'], { encoding: 'utf8' });
  const lines = text.trim().split('\n');
  return {
    at: lines.map((line) => Date.parse(line.replace(/ \+0000 UTC.*/, 'Z').replace(' ', 'T'))),
    seconds: lines.map((line) => Number(/ m=([+\d.-]+)$/.exec(line)?.[1])),
  };
}

// Of tests that run at once each has an `expect` of its own.
describe.concurrent.each([
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
])('a server whose clock is an hour %s', (_which, shiftMs) => {
  it('gathers with packers, keeps the order of things, and deletes in time', { timeout: 400_000 }, async (context) => {
    const { expect } = context;
    const { world, serve, told, expectNothingLeft } = await startWorld(context);
    const server = await serve('alone', shiftMs);
    const first = await make(server, 4);
    const report = await untilOver(first.url, WITHIN_MS);
    await expectCompleted(report, first.url, world.folder);
    expect(report['exec-output'], 'its packer reaches the server').not.toContain('through exec');
    expect(Date.parse(String(report['updated-at']))).toBeGreaterThanOrEqual(Date.parse(String(report['created-at'])));
    const { at, seconds } = await timestampsOf(first.url, world.folder);
    expect(at[1]).toBeGreaterThanOrEqual(at[0] ?? Number.NaN);
    for (const each of seconds) expect(each).toBeGreaterThanOrEqual(0);

    const { body: happened } = await ask(`${first.url}/events`);
    expect((happened as unknown as { reason: string }[]).map(({ reason }) => reason)).toEqual(['Completed', 'Planned']);

    // It takes as long as the first one did, of which is known how long.
    const second = await make(server, 4);
    await expectCompleted(await untilOver(second.url, WITHIN_MS), second.url, world.folder);
    for (const { name } of [first, second]) expectSteady(told, name);
    const firstPercent = told.find(({ metadata, status }) => metadata.name === second.name && status?.progress?.percent)
      ?.status?.progress?.percent;
    expect(firstPercent).toBeLessThan(90);

    const soon = await make(server, 1, { 'delete-after': '10s' });
    await expectCompleted(await untilOver(soon.url, WITHIN_MS), soon.url, world.folder);
    await expect.poll(async () => (await fetch(soon.url)).status, { timeout: WITHIN_MS }).toBe(404);
    expect((await ask(first.url)).status).toBe(200);

    for (const { url } of [first, second]) expect((await ask(url, 'DELETE')).status).toBe(204);
    await expectNothingLeft(server);
  });

  it('waits with a report that is deleted for what it has in the cluster', { timeout: 400_000 }, async (context) => {
    const { expect } = context;
    const { world, serve, told, expectNothingLeft } = await startWorld(context);
    const server = await serve('alone', shiftMs);
    const held = await make(server, 3);
    const stateOf = () => told.filter(({ metadata }) => metadata.name === held.name).at(-1);
    await expect.poll(() => stateOf()?.status?.gathers?.[0]?.phase, { timeout: WITHIN_MS }).toBe('Running');
    const place = `openshift-must-gather-${stateOf()?.metadata.uid}`;
    const hold = (finalizers: string[]) => world.kube.patch(namespaces, place, 'merge', { metadata: { finalizers } });
    await hold(['test.invalid/held']);
    await expectCompleted(await untilOver(held.url, WITHIN_MS), held.url, world.folder);
    expect((await ask(held.url, 'DELETE')).status).toBe(204);
    await setTimeout(4000);
    expect((await ask(held.url)).status, 'it goes when all of it is gone').toBe(200);
    await hold([]);
    await expectNothingLeft(server);
    await expect.poll(async () => (await fetch(held.url)).status, { timeout: WITHIN_MS }).toBe(404);
  });
});

describe.concurrent('two replicas whose clocks are two hours apart', () => {
  it('lead one after the other, and never both', { timeout: 400_000 }, async (context) => {
    const { expect } = context;
    const { world, serve, expectNothingLeft } = await startWorld(context);
    const first = await serve('ahead', HOUR_MS, false);
    const leads = ({ log }: ServeProcess) => log.some(({ message }) => message === 'this process leads');
    await expect.poll(() => leads(first), { timeout: WITHIN_MS }).toBe(true);
    const second = await serve('behind', -HOUR_MS, false);
    // The gather outlasts the lease: long enough for the other one to take it, should it think that it ran out.
    const { url } = await make(second, 30);
    const phase = async () => ((await ask(url)).body.gathers as { phase: string }[])[0]?.phase;
    await expect.poll(phase, { timeout: WITHIN_MS }).toBe('Running');
    await setTimeout(20_000);
    expect(leads(second)).toBe(false);
    await first.kill();
    await expect.poll(() => leads(second), { timeout: WITHIN_MS }).toBe(true);
    const report: RestReport = await untilOver(url, WITHIN_MS);
    await expectCompleted(report, url, world.folder);
    expect((await ask(url, 'DELETE')).status).toBe(204);
    await expectNothingLeft(second);
  });
});
