import type { Kube } from '../kube/kube.ts';
import { type CacheEvent, type WatchCache, watchCache } from '../kube/watch-cache.ts';
import { type MustGatherReport, mustGatherReports } from './report-kind.ts';

export type ReportEventListener = (event: CacheEvent<MustGatherReport>) => void;

/** All reports of the cluster, kept fresh, for everybody in this process who looks at them. */
export type ReportWatch = {
  readonly cache: WatchCache<MustGatherReport>;
  /** Tells of each change from now on; the function that it returns ends that. */
  subscribe(listener: ReportEventListener): () => void;
  stop(): void;
};

export function watchReports(kube: Kube, onError: (error: unknown) => void): ReportWatch {
  const listeners = new Set<ReportEventListener>();
  const cache = watchCache(kube, mustGatherReports, {
    onChange: (event) => {
      for (const listener of [...listeners]) listener(event);
    },
    onError,
  });
  return {
    cache,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => cache.stop(),
  };
}
