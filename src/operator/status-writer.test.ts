import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessWorld, startAccessWorld } from '../../test/sandbox/access-world.ts';
import type { Kind, KubeObject } from '../kube/kinds.ts';
import { watchCache } from '../kube/watch-cache.ts';
import { GROUP, KIND, PLURAL, VERSION } from '../report/kind.ts';
import type { ReportStatus } from '../report/status.ts';
import { fencedKube } from './fence.ts';
import { createStatusWriter } from './status-writer.ts';

type Report = KubeObject & { spec?: object; status?: ReportStatus };
const reports: Kind<Report> = { group: GROUP, version: VERSION, plural: PLURAL, kind: KIND, namespaced: true };
const namespace = 'default';

describe('the status of a report', () => {
  let world: AccessWorld;
  const troubles: unknown[] = [];
  beforeAll(async () => {
    world = await startAccessWorld();
    await world.defineReports();
  });
  afterAll(() => world.close());

  const writerOf = async (name: string, everyMs: number) => {
    await world.admin.create(reports, { metadata: { name }, spec: {} }, { namespace });
    return createStatusWriter(world.admin, { namespace, name, everyMs, onError: (error) => troubles.push(error) });
  };
  const statusOf = async (name: string) => (await world.admin.get(reports, name, { namespace })).status;
  const progress = (files: number) => ({ step: 'gathering', files, bytes: 0 });

  it('is written at once when the phase changes, else not more often than told, and at last', async () => {
    const writer = await writerOf('quiet', 400);
    const seen: (ReportStatus | undefined)[] = [];
    const cache = watchCache(world.admin, reports, {
      namespace,
      fieldSelector: 'metadata.name=quiet',
      onChange: ({ object }) => seen.push(object.status),
    });
    await cache.synced;
    writer.set({ phase: 'Gathering', progress: progress(0) });
    for (let files = 1; files <= 50; files++) {
      writer.set({ phase: 'Gathering', progress: progress(files) });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await cache.waitFor('quiet', (report) => report?.status?.progress?.files === 50, AbortSignal.timeout(10_000));
    writer.set({ phase: 'Packing', progress: progress(51) });
    await cache.waitFor('quiet', (report) => report?.status?.phase === 'Packing', AbortSignal.timeout(1000));
    cache.stop();
    // In a second or a little more: the first, those that were due, the phase. On a slow machine there are fewer.
    const writes = seen.filter((status) => status !== undefined).length;
    expect([writes >= 3, writes < 15]).toEqual([true, true]);
  });

  it('tells nothing any more that it was not told again', async () => {
    const writer = await writerOf('whole', 1);
    writer.set({ phase: 'Gathering', id: 7, progress: { ...progress(1), percent: 40 } });
    await writer.flush();
    writer.set({ phase: 'Gathering', id: 7, progress: progress(2) });
    await writer.flush();
    expect(await statusOf('whole')).toEqual({ phase: 'Gathering', id: 7, progress: progress(2) });
  });

  it('arrives in the end though one request in three goes wrong, and never goes back', async () => {
    const writer = await writerOf('shaken', 20);
    world.sandbox.faults.set([
      { fault: { kind: 'refuse', code: 500 }, percent: 15 },
      { fault: { kind: 'cut' }, percent: 15 },
    ]);
    const counts: number[] = [];
    try {
      for (let files = 0; files < 60; files++) {
        writer.set({ phase: 'Gathering', progress: progress(files) });
        await new Promise((resolve) => setTimeout(resolve, 10));
        counts.push(world.sandbox.api.store.snapshot(reportKind()).flatMap(([, object]) => filesOf(object))[0] ?? 0);
      }
      await expect
        .poll(() => writer.flush().then(() => statusOf('shaken')), { timeout: 15_000 })
        .toMatchObject({
          progress: { files: 59 },
        });
    } finally {
      world.sandbox.faults.set([]);
    }
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  });

  it('is not written again and again by one that leads no more', async () => {
    await world.admin.create(reports, { metadata: { name: 'led' }, spec: {} }, { namespace });
    let isHeld = true;
    const told: unknown[] = [];
    const alarms = new Set<() => void>();
    const after = (_delayMs: number, run: () => void) => {
      alarms.add(run);
      return () => alarms.delete(run);
    };
    const options = { namespace, name: 'led', onError: (error: unknown) => told.push(error) };
    const fenced = fencedKube(world.admin, () => isHeld);
    const writer = createStatusWriter(fenced, { ...options, timers: { now: Date.now, after } });
    writer.set({ phase: 'Gathering', progress: progress(1) });
    await writer.flush();
    writer.set({ phase: 'Gathering', progress: progress(2) });
    expect(alarms.size).toBe(1);
    isHeld = false;
    for (const ring of alarms) {
      alarms.delete(ring);
      ring();
    }
    await expect.poll(() => told.length).toBe(1);
    expect([alarms.size, (await statusOf('led'))?.progress]).toEqual([0, progress(1)]);
  });

  it('of a report that is gone is nothing to worry about', async () => {
    const writer = await writerOf('gone', 1);
    await world.admin.remove(reports, 'gone', { namespace });
    writer.set({ phase: 'Failed' });
    await writer.flush();
  });

  const reportKind = () => {
    const kind = world.sandbox.api.kinds().find(({ plural }) => plural === PLURAL);
    if (kind === undefined) throw new Error('the kind is not served');
    return kind;
  };
  const filesOf = (object: { metadata: { name?: string }; status?: unknown }): number[] => {
    const files = (object.status as ReportStatus | undefined)?.progress?.files;
    return object.metadata.name === 'shaken' && files !== undefined ? [files] : [];
  };
});
