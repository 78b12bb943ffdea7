import type { K8sResourceCommon } from '@openshift-console/dynamic-plugin-sdk';
import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import { type KindName, kindOf } from './kinds.ts';
import { type Watch, type Watched, type Wish, watchOf } from './watch.ts';

/** What plugins ask `useK8sWatchResource` for, of it what this host knows. */
export type WatchRequest = {
  readonly groupVersionKind?: KindName;
  readonly kind?: string;
  readonly isList?: boolean;
  readonly namespace?: string;
  readonly name?: string;
};

function wishOf({ groupVersionKind, kind = '', namespace, name }: WatchRequest): Wish {
  return {
    kind: groupVersionKind ?? kindOf(kind),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

/** Each of the watches, live; the same array while nothing changed. */
function useWatched(watches: readonly Watch[]): readonly Watched[] {
  const seen = useRef<readonly Watched[]>([]);
  const snapshot = useCallback(() => {
    const now = watches.map((watch) => watch.snapshot());
    const isSame = now.length === seen.current.length && now.every((each, at) => each === seen.current[at]);
    if (!isSame) seen.current = now;
    return seen.current;
  }, [watches]);
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = watches.map((watch) => watch.subscribe(listener));
      return () => {
        for (const end of ends) end();
      };
    },
    [watches],
  );
  return useSyncExternalStore(subscribe, snapshot);
}

/** As the console's: data, whether it is loaded, and what went wrong. */
export function useK8sWatchResource<T>(request: WatchRequest | null): [T, boolean, unknown] {
  const key = JSON.stringify(request);
  const watches = useMemo(() => {
    const wish = JSON.parse(key) as WatchRequest | null;
    return wish === null ? [] : [watchOf(wishOf(wish))];
  }, [key]);
  const [watched] = useWatched(watches);
  const data = request?.isList === true ? (watched?.objects ?? []) : watched?.objects[0];
  return [data as T, watched?.isLoaded ?? false, watched?.error];
}

export type WatchResults = Readonly<
  Record<
    string,
    {
      readonly data: readonly K8sResourceCommon[] | K8sResourceCommon;
      readonly loaded: boolean;
      readonly loadError: unknown;
    }
  >
>;

/** Several at once, by name. */
export function useK8sWatchResources(requests: Readonly<Record<string, WatchRequest>>): WatchResults {
  const key = JSON.stringify(requests);
  const wishes = useMemo(() => Object.entries(JSON.parse(key) as Record<string, WatchRequest>), [key]);
  const watches = useMemo(() => wishes.map(([, request]) => watchOf(wishOf(request))), [wishes]);
  const watched = useWatched(watches);
  return useMemo(
    () =>
      Object.fromEntries(
        wishes.map(([name, { isList }], at) => {
          const { objects = [], isLoaded = false, error } = watched[at] ?? {};
          const data = isList === true ? objects : (objects[0] ?? {});
          return [name, { data, loaded: isLoaded, loadError: error }];
        }),
      ),
    [wishes, watched],
  );
}
