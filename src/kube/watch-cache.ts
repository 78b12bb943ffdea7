import { orAborted } from './abort.ts';
import { cut, isGone, KubeError, refusal } from './errors.ts';
import { jsonLines } from './json-lines.ts';
import type { Kind, KubeObject } from './kinds.ts';
import type { Kube } from './kube.ts';
import { listPages, selectorQuery } from './list.ts';
import { collectionPath } from './paths.ts';
import { backoffMs } from './retry.ts';
import { realTimers, sleep, type Timers } from './timers.ts';

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
  /**
   * The first of `get(name)`'s values, now or later, that pleases; `undefined` stands for no such object. Rejects with
   * the signal's reason, or when the cache stops.
   */
  waitFor(
    name: string,
    pleases: (object: T | undefined) => boolean,
    signal: AbortSignal,
    namespace?: string,
  ): Promise<T | undefined>;
  stop(): void;
};

type WatchEvent<T> = { readonly type?: string; readonly object?: T };

// The server is asked to end each watch after 40 to 48 s, and a watch that neither says anything nor ends for 10 s
// longer is mute: so a dead socket is found within 58 s without a byte of its own traffic. Bookmarks alone would not
// do: the API server sends them about once a minute. It sends one just before it ends a watch, which keeps the
// resourceVersion fresh, so that the next watch goes on from there without a list.
const watchSeconds = 40;
const watchSecondsSpread = 8;
const muteAfterMs = 10_000;

export function watchCache<T extends KubeObject>(
  kube: Kube,
  kind: Kind<T>,
  options: WatchCacheOptions<T> = {},
): WatchCache<T> {
  const objects = new Map<string, T>();
  const waiters = new Set<() => void>();
  const stopped = new AbortController();
  const stop = () => {
    stopped.abort(
      new KubeError({
        status: 0,
        reason: 'Stopped',
        message: `the cache of ${kind.plural} was stopped`,
        next: 'terminal',
        request: `watch ${kind.plural}`,
      }),
    );
  };
  const onAbort = () => stopped.abort(options.signal?.reason);
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });

  const keyOf = (name: string, namespace = options.namespace) => (kind.namespaced ? `${namespace}/${name}` : name);
  const tell = (event: CacheEvent<T>) => {
    try {
      options.onChange?.(event);
    } catch (error) {
      options.onError?.(error);
    }
    for (const waiter of [...waiters]) waiter();
  };
  const store: Store<T> = {
    replace: (found) => {
      for (const [key, object] of objects) {
        if (found.has(key)) continue;
        objects.delete(key);
        tell({ type: 'removed', object });
      }
      for (const object of found.values()) store.put(object);
    },
    put: (object) => {
      const key = keyOf(object.metadata.name ?? '', object.metadata.namespace);
      const before = objects.get(key);
      if (before !== undefined && before.metadata.resourceVersion === object.metadata.resourceVersion) return;
      objects.set(key, object);
      tell({ type: before === undefined ? 'added' : 'changed', object });
    },
    drop: (object) => {
      if (objects.delete(keyOf(object.metadata.name ?? '', object.metadata.namespace)))
        tell({ type: 'removed', object });
    },
    keyOf: (object) => keyOf(object.metadata.name ?? '', object.metadata.namespace),
  };

  const synced = Promise.withResolvers<void>();
  // Those who do not wait for the first list need not hear that there was none; `onError` does.
  synced.promise.catch(() => undefined);
  keepFresh({ kube, kind, options, store, signal: stopped.signal, onSynced: synced.resolve })
    .catch((error: unknown) => {
      synced.reject(error);
      if (!stopped.signal.aborted) options.onError?.(error);
      stopped.abort(error);
    })
    .finally(() => options.signal?.removeEventListener('abort', onAbort));

  return {
    synced: synced.promise,
    get: (name, namespace) => objects.get(keyOf(name, namespace)),
    values: () => [...objects.values()],
    waitFor: async (name, pleases, signal, namespace) => {
      const ended = AbortSignal.any([signal, stopped.signal]);
      await orAborted(synced.promise, ended);
      for (;;) {
        ended.throwIfAborted();
        const object = objects.get(keyOf(name, namespace));
        if (pleases(object)) return object;
        await nextChange(waiters, ended);
      }
    },
    stop,
  };
}

type Store<T> = {
  replace(found: ReadonlyMap<string, T>): void;
  put(object: T): void;
  drop(object: T): void;
  keyOf(object: T): string;
};

type Upkeep<T extends KubeObject> = {
  readonly kube: Kube;
  readonly kind: Kind<T>;
  readonly options: WatchCacheOptions<T>;
  readonly store: Store<T>;
  /** Aborted when the cache stops. */
  readonly signal: AbortSignal;
  readonly onSynced: () => void;
};

/** Lists, then watches, again and again, until stopped; rejects when it is, or when the very first list is refused. */
async function keepFresh<T extends KubeObject>(upkeep: Upkeep<T>): Promise<never> {
  const { options, signal } = upkeep;
  const { timers = realTimers, random = Math.random, relistEveryMs = 600_000 } = options;
  let resourceVersion: string | undefined;
  let listedAtMs: number | undefined;
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    const startedAtMs = timers.now();
    try {
      if (resourceVersion === undefined || listedAtMs === undefined || startedAtMs - listedAtMs >= relistEveryMs) {
        resourceVersion = await listAll(upkeep);
        listedAtMs = timers.now();
        upkeep.onSynced();
      }
      for await (const version of watchOnce(upkeep, resourceVersion, timers, random)) {
        resourceVersion = version;
        failures = 0;
      }
      // Ended as asked, after its seconds: on at once, so that nothing is seen late. A server that ends watches as
      // soon as they begin gets a pause instead.
      if (timers.now() - startedAtMs >= 1000) failures = 0;
      else await sleep(timers, backoffMs(failures++, random), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (listedAtMs === undefined && error instanceof KubeError && error.next === 'terminal') throw error;
      if (isUselessVersion(error)) resourceVersion = undefined;
      options.onError?.(error);
      await sleep(timers, backoffMs(failures++, random), signal);
    }
  }
}

/** Too old; or ahead of the server (504), whose etcd was put back to an earlier state: to catch up may take it hours. */
function isUselessVersion(error: unknown): boolean {
  return isGone(error) || (error instanceof KubeError && error.message.includes('Too large resource version'));
}

/** Lists everything, puts it in place in one go, and tells the resourceVersion to watch from. */
async function listAll<T extends KubeObject>({ kube, kind, options, store, signal }: Upkeep<T>): Promise<string> {
  const found = new Map<string, T>();
  let resourceVersion = '';
  const { namespace, labelSelector, fieldSelector } = options;
  for await (const page of listPages(kube.json, kind, { namespace, labelSelector, fieldSelector, signal })) {
    resourceVersion = page.resourceVersion;
    for (const object of page.items) found.set(store.keyOf(object), lean(object));
  }
  store.replace(found);
  return resourceVersion;
}

/** One watch. Gives the resourceVersion after each event, and ends when the server ends it; throws when it is mute. */
async function* watchOnce<T extends KubeObject>(
  { kube, kind, options, store, signal }: Upkeep<T>,
  resourceVersion: string,
  timers: Timers,
  random: () => number,
): AsyncGenerator<string> {
  const request = `watch ${kind.plural}`;
  const timeoutSeconds = watchSeconds + Math.floor(random() * watchSecondsSpread);
  const silence = new AbortController();
  const guard = () =>
    timers.after(timeoutSeconds * 1000 + muteAfterMs, () =>
      silence.abort(cut(request, 'Mute', 'the watch fell silent')),
    );
  let callOff = guard();
  try {
    const { body } = await kube.stream(collectionPath(kind, options.namespace), {
      query: [
        ...selectorQuery(options),
        ['watch', 'true'],
        ['allowWatchBookmarks', 'true'],
        ['resourceVersion', resourceVersion],
        ['timeoutSeconds', String(timeoutSeconds)],
      ],
      signal: AbortSignal.any([signal, silence.signal]),
    });
    for await (const line of jsonLines(body, request)) {
      callOff();
      callOff = guard();
      const version = applyEvent(line as WatchEvent<T>, store, request);
      if (version !== undefined) yield version;
    }
  } finally {
    callOff();
  }
}

function applyEvent<T extends KubeObject>(
  { type, object }: WatchEvent<T>,
  store: Store<T>,
  request: string,
): string | undefined {
  if (type === 'ERROR') {
    const code = object !== undefined && 'code' in object ? Number(object.code) : 500;
    throw refusal(request, code, JSON.stringify(object));
  }
  if (object?.metadata === undefined) throw cut(request, 'NotAnEvent', 'a line is not an event');
  if (type === 'ADDED' || type === 'MODIFIED') store.put(lean(object));
  if (type === 'DELETED') store.drop(lean(object));
  return object.metadata.resourceVersion;
}

/** Field managers' notes are 20 to 40 % of an object's bytes and of no use here. */
function lean<T extends KubeObject>(object: T): T {
  delete object.metadata.managedFields;
  return object;
}

function nextChange(waiters: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      waiters.delete(waiter);
      signal.removeEventListener('abort', onAbort);
    };
    const waiter = () => {
      done();
      resolve();
    };
    const onAbort = () => {
      done();
      reject(signal.reason);
    };
    waiters.add(waiter);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
