import type { Timers } from '../kube/timers.ts';
import type { GatherStatus } from '../report/status.ts';
import type { ReportLog } from './report-log.ts';

/** One gather's status while it runs; whoever watches hears of each change. */
export type StatusTracker = {
  now(): GatherStatus;
  /** What is undefined or empty leaves what was known before. */
  update(changes: StatusChanges): void;
  /** The last change: it has its time, and a line in the log. */
  finish(changes: StatusChanges): void;
};

export type StatusChanges = { [K in keyof GatherStatus]?: GatherStatus[K] | undefined };

export type TrackOptions = {
  readonly observe: (status: GatherStatus) => void;
  readonly timers: Timers;
  readonly log: ReportLog;
};

export function trackStatus(first: GatherStatus, { observe, timers, log }: TrackOptions): StatusTracker {
  let status = first;
  const update = (changes: StatusChanges) => {
    const told = Object.entries(changes).filter(([, value]) => value !== undefined && value !== '');
    status = { ...status, ...Object.fromEntries(told) };
    observe(status);
  };
  return {
    now: () => status,
    update,
    finish: (changes) => {
      update({ ...changes, finishedAt: new Date(timers.now()).toISOString() });
      const why = status.message === undefined ? '' : `: ${status.message}`;
      log.say(`gather ${status.phase}${why} (${status.files ?? 0} files, ${status.bytes ?? 0} bytes)`, status.name);
    },
  };
}
