import { isDeepStrictEqual } from 'node:util';
import { isNotFound } from '../kube/errors.ts';
import type { Kube } from '../kube/kube.ts';
import { realTimers, type Timers } from '../kube/timers.ts';
import type { ReportStatus } from '../report/status.ts';
import { isNotLeading } from './fence.ts';
import { mustGatherReports } from './report-kind.ts';

/** Writes the status of one report: what it was told last, not too often, and never an older one after a newer one. */
export type StatusWriter = {
  /** A change of phase, the report's or a gather's, is written at once, anything else with the next write that is due. */
  set(status: ReportStatus): void;
  /** Writes what is not written yet; rejects when that fails. */
  flush(): Promise<void>;
};

export type StatusWriterOptions = {
  readonly namespace: string;
  readonly name: string;
  /** Of two writes that no phase parts; 5 s unless told. */
  readonly everyMs?: number;
  /** Told of a write that failed and is tried again. */
  readonly onError: (error: unknown) => void;
  readonly timers?: Timers;
};

/**
 * One writer for each report that is worked on. It applies the whole status: what it does not tell any more goes. A report
 * that is gone needs no status.
 */
export function createStatusWriter(kube: Kube, options: StatusWriterOptions): StatusWriter {
  const { namespace, name, everyMs = 5000, onError, timers = realTimers } = options;
  let wanted: ReportStatus | undefined;
  let written: ReportStatus | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  let callOff: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async () => {
    callOff?.();
    callOff = undefined;
    const status = wanted;
    if (status === undefined || isDeepStrictEqual(status, written)) return;
    lastMs = timers.now();
    try {
      await kube.patch(mustGatherReports, name, 'apply', { status }, { namespace, subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    written = status;
  };
  /** Writes follow one another, whatever becomes of each. */
  const next = () => {
    writing = writing.catch(() => undefined).then(write);
    return writing;
  };
  const later = () => {
    callOff ??= timers.after(Math.max(0, lastMs + everyMs - timers.now()), inBackground);
  };
  const inBackground = () => {
    callOff = undefined;
    next().catch((error: unknown) => {
      onError(error);
      // Whoever leads now has the word; a timer for ever would keep a process that stops from its end.
      if (!isNotLeading(error)) later();
    });
  };

  return {
    set(status) {
      const isNewPhase = phasesOf(status) !== phasesOf(wanted ?? written);
      wanted = structuredClone(status);
      if (isNewPhase) inBackground();
      else later();
    },
    flush: next,
  };
}

const phasesOf = (status: ReportStatus | undefined) =>
  [status?.phase, ...(status?.gathers ?? []).map(({ phase }) => phase)].join(' ');
