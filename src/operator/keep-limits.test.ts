import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessWorld, startAccessWorld } from '../../test/sandbox/access-world.ts';
import { realTimers } from '../kube/timers.ts';
import type { Phase } from '../report/status.ts';
import { keepLimits } from './keep-limits.ts';
import { mustGatherReports } from './report-kind.ts';

describe('limits of what the store keeps', () => {
  let world: AccessWorld;
  beforeAll(async () => {
    world = await startAccessWorld();
    await world.defineReports();
  });
  afterAll(() => world.close());

  it('delete the oldest with an archive, but none that runs or is read', async () => {
    const namespace = await world.makeNamespace();
    const make = async (name: string, day: number, phase: Phase = 'Completed') => {
      await world.admin.create(mustGatherReports, { metadata: { name }, spec: {} }, { namespace });
      const archive = { name: 'a.tar.gz', size: 100, sha256: 'a'.repeat(64) };
      const status = { phase, archive, finishedAt: `2026-11-0${day}T00:00:00Z` };
      await world.admin.patch(mustGatherReports, name, 'merge', { status }, { namespace, subresource: 'status' });
    };
    await make('read', 1);
    await make('oldest', 2);
    await make('packing', 3, 'Packing');
    await make('older', 4);
    await make('newest', 5);
    const list = () => Array.fromAsync(world.admin.list(mustGatherReports, { namespace }));
    const all = await list();
    const uidOf = (name: string) => all.find(({ metadata }) => metadata.name === name)?.metadata.uid;
    const said: string[] = [];
    await keepLimits({
      kube: world.admin,
      limits: { maxBytes: 300 },
      reports: () => all,
      isRead: (uid) => uid === uidOf('read'),
      timers: realTimers,
      say: (line) => said.push(line),
    });
    expect((await list()).map(({ metadata }) => metadata.name).sort()).toEqual(['newest', 'packing', 'read']);
    expect(said).toHaveLength(2);
  });
});
