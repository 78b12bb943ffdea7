import { KubeError } from '../kube/errors.ts';
import type { Kube } from '../kube/kube.ts';
import type { Store } from '../store/store.ts';

/**
 * The cluster for a leader: it changes nothing once the lease may be another's. A process that was stopped for a minute
 * (SIGSTOP, a frozen machine) and wakes up looks at its clock before each change; the signal of the lost lease would
 * come a moment too late.
 */
export function fencedKube(kube: Kube, isHeld: () => boolean): Kube {
  const guard = () => {
    if (!isHeld()) throw notLeading();
  };
  return {
    ...kube,
    create: async (kind, object, scope) => {
      guard();
      return await kube.create(kind, object, scope);
    },
    patch: async (kind, name, type, patch, options) => {
      guard();
      return await kube.patch(kind, name, type, patch, options);
    },
    remove: async (kind, name, options) => {
      guard();
      await kube.remove(kind, name, options);
    },
  };
}

/** The same for the store: also bytes that were on their way when the lease was lost are not laid down. */
export function fencedStore(store: Store, isHeld: () => boolean): Store {
  const guard = () => {
    if (!isHeld()) throw notLeading();
  };
  async function* guarded<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
    guard();
    for await (const item of items) {
      guard();
      yield item;
    }
    guard();
  }
  return {
    ...store,
    put: (key, bytes, options) => store.put(key, guarded(bytes), options),
    compose: (key, pieces, options) => store.compose(key, guarded(pieces), options),
    remove: async (key) => {
      guard();
      await store.remove(key);
    },
    removeFolder: async (folder) => {
      guard();
      await store.removeFolder(folder);
    },
    sweepUnfinished: async (beforeMs) => {
      guard();
      await store.sweepUnfinished(beforeMs);
    },
  };
}

/** What a fence answers: trying again does not help, as the lease that it asks for does not come back. */
export function isNotLeading(error: unknown): boolean {
  return error instanceof KubeError && error.reason === NOT_LEADING;
}

const NOT_LEADING = 'NotLeading';

function notLeading(): KubeError {
  return new KubeError({
    status: 0,
    reason: NOT_LEADING,
    message: 'another process may lead by now',
    next: 'wait',
    request: 'change something as the leader',
  });
}
