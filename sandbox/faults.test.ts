import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import { connect } from '../src/kube/connect.ts';
import { isConflict, KubeError } from '../src/kube/errors.ts';
import { type ConfigMap, configMaps } from '../src/kube/kinds.ts';
import type { Kube } from '../src/kube/kube.ts';
import { acquireLease } from '../src/kube/lease.ts';
import { watchCache } from '../src/kube/watch-cache.ts';
import { createFaults, type Fault, type FaultRule } from './faults.ts';
import { configMaps as configMapResource } from './kinds/config-map.ts';
import { type Sandbox, startSandbox } from './server.ts';

const isLong = process.env.MUSTER_LONG !== undefined;
const namespace = 'kube-public';
const boundMs = 25_000;

/** A sandbox on which things go wrong, and Muster's own client for it. */
async function startFaulty(
  { onTestFinished }: TestContext,
  rules: readonly FaultRule[],
  requestTimeoutMs = 1500,
): Promise<{ sandbox: Sandbox; kube: Kube }> {
  const sandbox = await startSandbox({ faults: { seed: 7, rules } });
  const kube = await connect({ kubeconfigText: sandbox.kubeconfig, env: {}, requestTimeoutMs, random: () => 1 });
  onTestFinished(async () => {
    await kube.close();
    await sandbox.close();
  });
  return { sandbox, kube };
}

/** What is really there, not as the faulty wire tells it. */
function truth({ api }: Sandbox): Record<string, string | undefined> {
  const all = api.store.snapshot(configMapResource).map(([, object]) => object as ConfigMap);
  const own = all.filter(({ metadata }) => metadata.namespace === namespace);
  return Object.fromEntries(own.map(({ metadata, data }) => [metadata.name ?? '', data?.value]));
}

/** Behind the API server's back, so that nothing goes wrong with it. */
async function changeMuch({ api: { objects } }: Sandbox, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const target = { resource: configMapResource, namespace, name: `map-${i}` };
    objects.create({ ...target, name: '' }, { metadata: { name: target.name }, data: { value: String(i) } });
    if (i % 3 === 0) objects.remove(target);
    if (i % 3 === 1) objects.replace(target, { metadata: {}, data: { value: 'changed' } });
    await sleep(20);
  }
}

const seen = (objects: readonly ConfigMap[]) =>
  Object.fromEntries(objects.map(({ metadata, data }) => [metadata.name ?? '', data?.value]));

/** As a caller of the client does: what may be tried again is tried again, up to a bound. */
async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = AbortSignal.timeout(boundMs);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof KubeError) || error.next !== 'retry' || deadline.aborted) throw error;
    }
  }
}

const cases: readonly { readonly met: string; readonly fault: Fault }[] = [
  { met: 'conflicts', fault: { kind: 'refuse', code: 409 } },
  { met: 'too many requests', fault: { kind: 'refuse', code: 429, retryAfterSeconds: 1 } },
  { met: 'errors of the server', fault: { kind: 'refuse', code: 500 } },
  { met: 'an unavailable server', fault: { kind: 'refuse', code: 503, retryAfterSeconds: 1 } },
  { met: 'resets', fault: { kind: 'reset' } },
  { met: 'cut answers', fault: { kind: 'cut' } },
  { met: 'stalls', fault: { kind: 'stall', ms: 200 } },
  { met: 'mute sockets', fault: { kind: 'mute' } },
];

describe.concurrent.each(cases)('where one request in five meets $met', ({ fault }) => {
  const rules = [{ fault, percent: 20 }];
  // A client gets over a mute socket by its deadline only.
  const requestTimeoutMs = fault.kind === 'mute' ? 600 : 1500;
  const count = isLong ? 100 : 15;

  it('lists and patches end in the truth', async (context) => {
    const { sandbox, kube } = await startFaulty(context, rules, requestTimeoutMs);
    const scope = { namespace };
    for (let i = 0; i < count; i++) {
      const name = `map-${i % 5}`;
      const wanted = { data: { value: String(i) } };
      await persistently(async () => {
        const found = (await Array.fromAsync(kube.list(configMaps, { namespace }))).find(
          (map) => map.metadata.name === name,
        );
        if (found === undefined) return kube.create(configMaps, { metadata: { name }, ...wanted }, scope);
        // On top of what was read, and nothing else.
        const { resourceVersion } = found.metadata;
        return kube.patch(configMaps, name, 'merge', { metadata: { resourceVersion }, ...wanted }, scope);
      }).catch((error: unknown) => {
        // One whose answer was lost has made it after all.
        if (!(error instanceof KubeError) || error.reason !== 'AlreadyExists') throw error;
      });
      expect(truth(sandbox)[name]).toBe(String(i));
    }
    const listed = await persistently(() => Array.fromAsync(kube.list(configMaps, { namespace })));
    expect(seen(listed)).toEqual(truth(sandbox));
    expect(sandbox.faults.strikes).toBeGreaterThan(0);
  });

  it('caches end in the truth', async (context) => {
    const often = { fault, percent: 60, path: /watch=true/ };
    const { sandbox, kube } = await startFaulty(context, [often, ...rules], requestTimeoutMs);
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const caches = Array.from({ length: 5 }, () => watchCache(kube, configMaps, { namespace, onError }));
    try {
      await changeMuch(sandbox, 2 * count);
      const ends = Array(caches.length).fill(truth(sandbox));
      const shown = () => caches.map((cache) => seen(cache.values()));
      await context.expect.poll(shown, { timeout: boundMs, interval: 50 }).toEqual(ends);
    } finally {
      for (const cache of caches) cache.stop();
    }
    // Reading meets no conflicts, and stalls are no errors.
    const isSilent = fault.kind === 'stall' || (fault.kind === 'refuse' && fault.code === 409);
    if (isSilent) expect(errors).toEqual([]);
    else expect(errors.length).toBeGreaterThan(0);
  });

  it('one at a time holds a lease', async (context) => {
    const { sandbox, kube } = await startFaulty(context, rules, requestTimeoutMs);
    const lock = { namespace, name: 'leader', durationMs: 3000, renewDeadlineMs: 2500, retryMs: 100 };
    const signal = AbortSignal.timeout(boundMs);
    const first = await acquireLease(kube, { ...lock, identity: 'first' }, signal);
    let second: Awaited<ReturnType<typeof acquireLease>> | undefined;
    const waiting = acquireLease(kube, { ...lock, identity: 'second' }, signal).then((held) => {
      second = held;
      // Whoever has it before has lost it by then.
      expect(first.lost.aborted).toBe(true);
    });
    const untilMs = Date.now() + 1500;
    while (!first.lost.aborted && Date.now() < untilMs) {
      expect(second).toBeUndefined();
      await sleep(20);
    }
    await first.release();
    await waiting;
    expect(second?.lost.aborted).toBe(false);
    await second?.release();
    expect(sandbox.faults.strikes).toBeGreaterThan(0);
  });
});

it('faults strike as often as they are asked to, where they are asked to, and the same ones for a seed', () => {
  const refused = { kind: 'refuse', code: 409 } as const;
  const rules: FaultRule[] = [
    { fault: refused, percent: 20 },
    { fault: { kind: 'mute' }, percent: 50, methods: ['GET'], path: /watch=true/ },
  ];
  const draw = (method: string, path: string, seed: number) => {
    const faults = createFaults({ seed, rules });
    return Array.from({ length: 5000 }, () => faults.choose(method, path));
  };
  const share = (fates: readonly unknown[]) => fates.filter((fate) => fate !== undefined).length / fates.length;
  expect(draw('PUT', '/api', 1)).toEqual(draw('PUT', '/api', 1));
  expect(draw('PUT', '/api', 1)).not.toEqual(draw('PUT', '/api', 2));
  expect(share(draw('PUT', '/api', 1))).toBeCloseTo(0.2, 1);
  expect(share(draw('GET', '/api?watch=true', 1))).toBeCloseTo(0.5, 1);
  expect(share(draw('GET', '/api', 1))).toBe(0);
});

it('can be changed while it runs', async (context) => {
  const { sandbox, kube } = await startFaulty(context, []);
  await kube.json('/version');
  sandbox.faults.set([{ fault: { kind: 'refuse', code: 409 }, percent: 100, path: /kube-public/ }]);
  const made = { metadata: { name: 'made' } };
  await expect(kube.create(configMaps, made, { namespace })).rejects.toSatisfy(isConflict);
  await kube.create(configMaps, made, { namespace: 'default' });
  sandbox.faults.set([]);
  await kube.create(configMaps, made, { namespace });
});

it('the clock may jump: tokens run out, and whoever counts by their own clock goes on', async (context) => {
  const { sandbox, kube } = await startFaulty(context, []);
  const lock = { namespace, name: 'leader', identity: 'me', durationMs: 3000, renewDeadlineMs: 2500, retryMs: 50 };
  const held = await acquireLease(kube, lock, AbortSignal.timeout(boundMs));
  const cache = watchCache(kube, configMaps, { namespace });
  await cache.synced;
  const { access } = sandbox.api;
  const order = { namespace, serviceAccount: 'default', expirationSeconds: 3600 };
  for (const jumpMs of [2 * 3_600_000, -24 * 3_600_000]) {
    const { token } = await access.issueToken(order);
    await access.readToken(token);
    sandbox.faults.moveClock(jumpMs);
    await expect(access.readToken(token)).rejects.toMatchObject({ code: 401 });
    const name = `at${jumpMs}`.replace('-', 'minus');
    const { metadata } = await kube.create(configMaps, { metadata: { name } }, { namespace });
    const aheadMs = Date.parse(metadata.creationTimestamp ?? '') - Date.now();
    expect(Math.abs(aheadMs)).toBeGreaterThan(3_600_000);
    await cache.waitFor(name, (object) => object !== undefined, AbortSignal.timeout(boundMs));
  }
  expect(held.lost.aborted).toBe(false);
  cache.stop();
  await held.release();
});
