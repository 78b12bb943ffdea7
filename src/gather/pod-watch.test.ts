import { describe, expect, test } from 'vitest';
import type { Pod } from '../kube/kinds.ts';
import { testTimers } from '../kube/test-server.ts';
import type { WatchCache } from '../kube/watch-cache.ts';
import { untilStarted, watchPod } from './pod-watch.ts';

/** A cache of one pod that the test changes by hand. */
function cacheOf(first: Pod | undefined): WatchCache<Pod> & { set(pod: Pod | undefined): void } {
  let pod = first;
  const waiters = new Set<() => void>();
  return {
    synced: Promise.resolve(),
    get: () => pod,
    values: () => (pod === undefined ? [] : [pod]),
    stop: () => undefined,
    set: (next) => {
      pod = next;
      for (const look of [...waiters]) look();
    },
    waitFor: (_name, pleases, signal) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pleases(pod)) return;
          waiters.delete(look);
          resolve(pod);
        };
        waiters.add(look);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        if (signal.aborted) reject(signal.reason);
        look();
      }),
  };
}

function pod(state: object): Pod {
  return {
    metadata: { name: 'p' },
    spec: { nodeName: 'n1', containers: [] },
    status: { containerStatuses: [{ name: 'gather', imageID: 'q@sha256:1', state }] },
  };
}

const made: Pod = { metadata: { name: 'p' }, spec: { containers: [] } };
const creating = pod({ waiting: { reason: 'ContainerCreating' } });
const pulling = pod({ waiting: { reason: 'ErrImagePull', message: 'no such host' } });
const running = pod({ running: {} });
const never = new AbortController().signal;

describe('a pod that was just made', () => {
  test('is not lost before it was seen, and is lost once it was', () => {
    const cache = cacheOf(undefined);
    const watch = watchPod(cache, made, testTimers());
    expect(watch.state().stage).toBe('starting');
    expect(watch.pod()).toBe(made);
    cache.set(running);
    expect(watch.state().stage).toBe('running');
    cache.set(undefined);
    expect(watch.state()).toMatchObject({ stage: 'lost', reason: 'PodDeleted' });
    expect(watch.pod()).toBeUndefined();
  });
});

describe('waiting for a start', () => {
  const soon = 1_700_000_000_000 + 600_000;

  test('ends with it', async () => {
    const cache = cacheOf(creating);
    const timers = testTimers();
    const started = untilStarted(watchPod(cache, made, timers), soon, timers, never);
    cache.set(running);
    expect(await started).toMatchObject({ stage: 'running', node: 'n1' });
  });

  test('ends at the deadline, with what it was then', async () => {
    const timers = testTimers();
    const started = untilStarted(watchPod(cacheOf(creating), made, timers), soon, timers, never);
    await timers.advance(600_001);
    expect(await started).toMatchObject({ stage: 'starting', message: 'the container is being created' });
  });

  test('ends at once when a person wants out', async () => {
    const interrupt = new AbortController();
    const timers = testTimers();
    const started = untilStarted(watchPod(cacheOf(creating), made, timers), soon, timers, interrupt.signal);
    interrupt.abort(new Error('interrupted'));
    expect(await started).toMatchObject({ stage: 'starting' });
  });

  test('a pull that fails has 30 s to pass', async () => {
    const timers = testTimers();
    const started = untilStarted(watchPod(cacheOf(pulling), made, timers), soon, timers, never);
    let over = false;
    const done = started.then(() => {
      over = true;
    });
    await timers.advance(29_000);
    expect(over).toBe(false);
    await timers.advance(2_000);
    await done;
    expect(await started).toMatchObject({ stage: 'starting', pullProblem: 'may pass' });
  });

  test('a name that is no image has none', async () => {
    const timers = testTimers();
    const hopeless = pod({ waiting: { reason: 'InvalidImageName' } });
    const started = untilStarted(watchPod(cacheOf(hopeless), made, timers), soon, timers, never);
    expect(await started).toMatchObject({ pullProblem: 'hopeless' });
  });

  test('a pull that passed late: the container has the rest of the time to start', async () => {
    const cache = cacheOf(pulling);
    const timers = testTimers();
    const started = untilStarted(watchPod(cache, made, timers), soon, timers, never);
    await timers.advance(25_000);
    cache.set(creating);
    await timers.advance(20_000);
    cache.set(running);
    expect(await started).toMatchObject({ stage: 'running' });
  });
});
