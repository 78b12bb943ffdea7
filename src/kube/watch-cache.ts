import type { Kind, KubeObject } from './kinds.ts';
import type { Kube } from './kube.ts';
import type { Timers } from './timers.ts';

export type CacheEvent<T> = { readonly type: 'added' | 'changed' | 'removed'; readonly object: T };

export type WatchCacheOptions<T> = {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onChange?: ((event: CacheEvent<T>) => void) | undefined;
  /** Told of every failure that the cache gets over by itself, for a log. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** A full list this often, whatever the watch says; 10 minutes unless told. */
  readonly relistEveryMs?: number | undefined;
  readonly timers?: Timers | undefined;
  readonly random?: (() => number) | undefined;
};

/** All objects of a kind, kept fresh by list and watch, without `metadata.managedFields`. */
export type WatchCache<T extends KubeObject> = {
  /** Resolves once the first list is in; rejects when the cache is stopped before, or the first list is refused. */
  readonly synced: Promise<void>;
  /** `namespace` is needed only when the cache spans several. */
  get(name: string, namespace?: string): T | undefined;
  values(): T[];
  /** The first of `get(name)`'s values, now or later, that pleases; `undefined` stands for no such object. */
  waitFor(
    name: string,
    pleases: (object: T | undefined) => boolean,
    signal: AbortSignal,
    namespace?: string,
  ): Promise<T | undefined>;
  stop(): void;
};

export function watchCache<T extends KubeObject>(
  _kube: Kube,
  _kind: Kind<T>,
  _options: WatchCacheOptions<T> = {},
): WatchCache<T> {
  throw new Error('not there yet');
}
