import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AccessWorld, startAccessWorld } from '../../test/sandbox/access-world.ts';
import { refusal } from '../kube/errors.ts';
import { pods } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { realTimers, type Timers } from '../kube/timers.ts';
import { createPod } from './gather-pod.ts';
import type { GatherPodRequest } from './pod.ts';

type Fault = Parameters<AccessWorld['sandbox']['faults']['set']>[0][number]['fault'];

describe('the pod of a gather', () => {
  let world: AccessWorld;
  beforeAll(async () => {
    world = await startAccessWorld();
  });
  afterEach(() => world.sandbox.faults.set([]));
  afterAll(() => world.close());

  const requestIn = (namespace: string, podName: string | undefined): GatherPodRequest => ({
    ...{ gatherName: 'good', podName, namespace, image: 'example.invalid/good:1', command: 'true' },
    ...{ sourceDir: '/must-gather', timeoutMs: 60_000, volumePercentage: 30, hostNetwork: false },
    placement: { candidates: [], controlPlane: false },
    marks: { labels: { 'muster.dev/report': 'one' }, annotations: {} },
  });
  const make = (request: GatherPodRequest, deadlineMs = Date.now() + 20_000) => {
    const interrupt = new AbortController().signal;
    return createPod({ kube: world.admin, timers: realTimers, interrupt }, request, deadlineMs);
  };
  const strike = (fault: Fault, percent = 100) =>
    world.sandbox.faults.set([{ fault, percent, methods: ['POST'], path: /\/pods$/ }]);
  const namesIn = async (namespace: string) =>
    (await Array.fromAsync(world.admin.list(pods, { namespace }))).map(({ metadata }) => metadata.name);

  it.each<Fault>([{ kind: 'cut' }, { kind: 'reset' }])(
    'is made once though nobody hears of it: $kind',
    async (fault) => {
      const namespace = await world.makeNamespace();
      strike(fault);
      setTimeout(() => world.sandbox.faults.set([]), 2500);
      const pod = await make(requestIn(namespace, 'must-gather-good'));
      expect(await namesIn(namespace)).toEqual([pod.metadata.name]);
    },
  );

  it('is not waited for longer than the gather may take', async () => {
    const namespace = await world.makeNamespace();
    strike({ kind: 'reset' });
    const asked = make(requestIn(namespace, 'must-gather-good'), Date.now() + 1500);
    await expect(asked).rejects.toMatchObject({ status: 0, next: 'retry' });
    expect(await namesIn(namespace)).toEqual([]);
  });

  it('is not waited for once the report is cancelled', async () => {
    const namespace = await world.makeNamespace();
    strike({ kind: 'reset' });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error('enough')), 300);
    const making = {
      kube: world.admin,
      timers: realTimers,
      interrupt: new AbortController().signal,
      cancel: cancel.signal,
    };
    const asked = createPod(making, requestIn(namespace, 'must-gather-good'), Date.now() + 60_000);
    await expect(asked).rejects.toThrow('enough');
  });

  it('is not asked for twice where the cluster names it: there might be two', async () => {
    const namespace = await world.makeNamespace();
    strike({ kind: 'cut' });
    await expect(make(requestIn(namespace, undefined))).rejects.toMatchObject({ next: 'retry' });
    expect(await namesIn(namespace)).toHaveLength(1);
  });

  it.each([
    'error looking up service account b/default: serviceaccount "default" not found',
    'no PriorityClass with name system-cluster-critical was found',
  ])('waits two minutes for what passes after the API server was away: %s', async (why) => {
    let nowMs = 0;
    const timers: Timers = {
      now: () => nowMs,
      after: (delayMs, run) => {
        nowMs += delayMs;
        setImmediate(run);
        return () => undefined;
      },
    };
    const message = `pods "a" is forbidden: ${why}`;
    const lateMs = (accountAfterMs: number) => {
      const kube = {
        ...world.admin,
        create: async () => {
          if (nowMs < accountAfterMs) throw refusal('create pods a', 403, JSON.stringify({ kind: 'Status', message }));
          return { metadata: { name: 'a' } };
        },
      } as unknown as Kube;
      const interrupt = new AbortController().signal;
      return createPod({ kube, timers, interrupt }, requestIn('b', 'a'), nowMs + 3_600_000);
    };
    expect((await lateMs(100_000)).metadata.name).toBe('a');
    await expect(lateMs(nowMs + 130_000)).rejects.toThrow(why);
  });

  it('of another report with that name is left alone', async () => {
    const namespace = await world.makeNamespace();
    await make(requestIn(namespace, 'must-gather-good'));
    const other = { ...requestIn(namespace, 'must-gather-good'), marks: { labels: {}, annotations: {} } };
    other.marks.labels = { 'muster.dev/report': 'two' };
    await expect(make(other)).rejects.toMatchObject({ code: 'Conflict' });
  });
});
