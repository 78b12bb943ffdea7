import { isPlaceGone, type ReportPlace, removePlace } from '../gather/report-place.ts';
import type { Kube } from '../kube/kube.ts';
import type { Timers } from '../kube/timers.ts';
import type { Store } from '../store/store.ts';

/** Between two looks at whether a namespace is gone. */
const LOOK_AGAIN_MS = 1000;
/** A namespace that something else holds back is told of, and no longer waited for. */
const PLACE_PATIENCE_MS = 5 * 60_000;

export type CleanUpOptions = {
  readonly store: Store;
  readonly timers: Timers;
  readonly onError: (error: unknown) => void;
};

/** What is left of a report, and where. */
export type Leftover = ReportPlace & {
  readonly kube: Kube;
  /** For debugging: the person removes binding and namespace. */
  readonly keepNamespace: boolean;
};

/** Removes what belongs to reports: rights first, then the namespace, then what the store has. */
export type CleanUp = {
  /** A report has ended: what is left of its gathers is not needed any more. */
  noteEnd(reportUid: string): void;
  /** Removes what an ended report's gathers left, where there may be something. */
  afterEnd(leftover: Leftover): Promise<void>;
  /** Removes everything of a report; answers when to look again, `undefined` when nothing is left. */
  remove(leftover: Leftover): Promise<number | undefined>;
};

export function createCleanUp({ store, timers, onError }: CleanUpOptions): CleanUp {
  const ended = new Set<string>();
  /** Since when it is waited for, by this process's clock: the one that wrote the deletion's time may be another. */
  const waitingSinceMs = new Map<string, number>();
  return {
    noteEnd: (reportUid) => {
      ended.add(reportUid);
    },
    afterEnd: async (leftover) => {
      if (!ended.has(leftover.reportUid)) return;
      if (!leftover.keepNamespace) await removePlace(leftover.kube, leftover);
      await store.removeFolder(`parts/${leftover.reportUid}`);
      ended.delete(leftover.reportUid);
    },
    remove: async (leftover) => {
      const { kube, reportUid, keepNamespace } = leftover;
      if (!keepNamespace) {
        await removePlace(kube, leftover);
        if (!(await isPlaceGone(kube, leftover))) {
          const sinceMs = waitingSinceMs.get(reportUid) ?? timers.now();
          waitingSinceMs.set(reportUid, sinceMs);
          if (timers.now() - sinceMs < PLACE_PATIENCE_MS) return LOOK_AGAIN_MS;
          onError(new Error(`what report ${reportUid} gathered in is still not gone; the report goes without waiting`));
        }
      }
      for (const folder of ['parts', 'logs', 'archives']) await store.removeFolder(`${folder}/${reportUid}`);
      ended.delete(reportUid);
      waitingSinceMs.delete(reportUid);
      return undefined;
    },
  };
}
