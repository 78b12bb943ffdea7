import { describe, expect, it } from 'vitest';
import { KubeError, type KubeErrorOptions } from './errors.ts';
import type { KubeObject, Lease } from './kinds.ts';
import type { Kube } from './kube.ts';
import { acquireLease, type HeldLease } from './lease.ts';
import { testTimers } from './test-server.ts';

/** One lease with compare-and-swap on its resourceVersion, as the API server keeps it; `down` cuts somebody off. */
function leaseServer() {
  let stored: Lease | undefined;
  let version = 0;
  const writes: string[] = [];
  const fail = (status: number, reason: string): never => {
    const error: KubeErrorOptions = { status, reason, message: reason, next: 'retry', request: 'lease' };
    throw new KubeError(error);
  };
  const save = (lease: Lease): Lease => {
    version++;
    stored = structuredClone({ ...lease, metadata: { ...lease.metadata, resourceVersion: String(version) } });
    writes.push(stored.spec?.holderIdentity ?? '');
    return structuredClone(stored);
  };
  const kubeOf = (down: () => boolean) => {
    const reach = () => down() && fail(0, 'ECONNRESET');
    const kube = {
      get: async () => {
        reach();
        return stored === undefined ? fail(404, 'NotFound') : structuredClone(stored);
      },
      create: async (_kind: unknown, lease: Lease) => {
        reach();
        return stored === undefined ? save(lease) : fail(409, 'AlreadyExists');
      },
      patch: async (_kind: unknown, _name: string, _type: string, patch: Lease) => {
        reach();
        if (stored === undefined || patch.metadata.resourceVersion !== stored.metadata.resourceVersion) {
          return fail(409, 'Conflict');
        }
        return save({ ...stored, spec: { ...stored.spec, ...patch.spec } });
      },
    };
    return kube as unknown as Kube;
  };
  return { kubeOf, writes, lease: (): KubeObject & Lease => stored ?? { metadata: {} } };
}

const lock = { namespace: 'n', name: 'lock', random: () => 0 };

describe('the lease', () => {
  it('is held by one, and taken over when its holder dies, not before', async () => {
    const server = leaseServer();
    const timers = testTimers();
    const signal = AbortSignal.timeout(20_000);
    let isDown = false;
    const first = await acquireLease(
      server.kubeOf(() => isDown),
      { ...lock, identity: 'first', timers },
      signal,
    );
    let second: HeldLease | undefined;
    const taking = acquireLease(
      server.kubeOf(() => false),
      { ...lock, identity: 'second', timers },
      signal,
    ).then((held) => {
      second = held;
    });
    await timers.advance(60_000);
    expect([first.lost.aborted, second]).toEqual([false, undefined]);
    isDown = true;
    await timers.advance(9_000);
    expect(first.lost.aborted).toBe(false);
    await timers.advance(2_000);
    // The old holder knows that it lost before the new one can begin.
    expect([first.lost.aborted, second]).toEqual([true, undefined]);
    await timers.advance(9_000);
    await taking;
    expect(server.lease().spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
    isDown = false;
    await timers.advance(60_000);
    expect(server.writes.slice(server.writes.indexOf('second')).includes('first')).toBe(false);
    await second?.release();
  });

  it('goes to the next at once when it is released', async () => {
    const server = leaseServer();
    const timers = testTimers();
    const signal = AbortSignal.timeout(20_000);
    const kube = server.kubeOf(() => false);
    const first = await acquireLease(kube, { ...lock, identity: 'first', timers }, signal);
    const taking = acquireLease(kube, { ...lock, identity: 'second', timers }, signal);
    await timers.advance(4_000);
    await first.release();
    expect(first.lost.aborted).toBe(true);
    await timers.advance(2_000);
    const second = await taking;
    expect(server.lease().spec?.holderIdentity).toBe('second');
    await second.release();
    expect(server.lease().spec?.holderIdentity).toBe('');
  });

  it('is lost at once when somebody else holds it, and given up when nobody wants it any more', async () => {
    const server = leaseServer();
    const timers = testTimers();
    const kube = server.kubeOf(() => false);
    const held = await acquireLease(kube, { ...lock, identity: 'first', timers }, AbortSignal.timeout(20_000));
    const { resourceVersion } = server.lease().metadata;
    const thief = { metadata: { resourceVersion }, spec: { holderIdentity: 'thief' } };
    await kube.patch({ group: '', version: 'v1', plural: 'x', kind: 'X', namespaced: true }, 'lock', 'merge', thief);
    await timers.advance(2_000);
    expect(held.lost.aborted).toBe(true);
    const caller = new AbortController();
    const waiting = acquireLease(kube, { ...lock, identity: 'first', timers }, caller.signal);
    await timers.advance(3_000);
    caller.abort(new Error('no longer'));
    await expect(waiting).rejects.toThrow('no longer');
  });
});
