import type { Resource, Stored } from './resource.ts';
import { expired } from './status.ts';

/** One change. `object` is absent when it was removed, `previous` when it was created. */
export type Change = {
  readonly revision: number;
  readonly resource: Resource;
  readonly key: string;
  readonly object: Stored | undefined;
  readonly previous: Stored | undefined;
};

/** Objects by kind with one counter of revisions, and the last changes, from which older states can be told. */
export type Store = ReturnType<typeof createStore>;

/** The place of an object among those of its kind; sorts as etcd's keys do. */
export const keyOf = (namespace: string | undefined, name: string) => `${namespace ?? ''}/${name}`;

/** `historySize` changes are kept; whoever asks for an older state gets a 410. */
export function createStore(historySize = 5000) {
  const objects = new Map<string, Map<string, Stored>>();
  const listeners = new Set<(change: Change) => void>();
  const history: Change[] = [];
  // No object of a young cluster has a revision as low as those that clients make up.
  let revision = 1000;
  let oldest = revision;

  const idOf = ({ group, plural }: Resource) => `${group}/${plural}`;
  const ofKind = (resource: Resource): Map<string, Stored> => {
    const found = objects.get(idOf(resource)) ?? new Map<string, Stored>();
    objects.set(idOf(resource), found);
    return found;
  };

  const since = (resource: Resource, from: number): Change[] => {
    if (from < oldest) throw expired(`too old resource version: ${from} (${oldest})`);
    const id = idOf(resource);
    return history.filter((change) => change.revision > from && idOf(change.resource) === id);
  };

  const record = (resource: Resource, key: string, object: Stored | undefined): Change => {
    const kept = ofKind(resource);
    const change = { revision, resource, key, object, previous: kept.get(key) };
    if (object === undefined) kept.delete(key);
    else kept.set(key, object);
    history.push(change);
    if (history.length > historySize) oldest = history.shift()?.revision ?? oldest;
    for (const listener of listeners) listener(change);
    return change;
  };

  return {
    get revision() {
      return revision;
    },
    get(resource: Resource, namespace: string | undefined, name: string): Stored | undefined {
      return ofKind(resource).get(keyOf(namespace, name));
    },
    /** Keeps `object` under a new revision and returns it as kept. */
    put(resource: Resource, object: Stored): Stored {
      revision += 1;
      const metadata = { ...object.metadata, resourceVersion: String(revision) };
      const stored = { ...object, metadata };
      record(resource, keyOf(metadata.namespace, metadata.name ?? ''), stored);
      return stored;
    },
    remove(resource: Resource, object: Stored): void {
      revision += 1;
      record(resource, keyOf(object.metadata.namespace, object.metadata.name ?? ''), undefined);
    },
    /** All objects of a kind by key as they were at `at`, sorted; throws a 410 for a state before the history. */
    snapshot(resource: Resource, at = revision): [string, Stored][] {
      const state = new Map(ofKind(resource));
      for (const change of since(resource, at).reverse()) {
        if (change.previous === undefined) state.delete(change.key);
        else state.set(change.key, change.previous);
      }
      return [...state].sort(([a], [b]) => (a < b ? -1 : 1));
    },
    /** The changes of a kind after `from`; throws a 410 when some of them are forgotten. */
    since,
    /** Calls `listener` with every change from now on; returns what ends that. */
    subscribe(listener: (change: Change) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
