import { isDeepStrictEqual } from 'node:util';
import type { PlannedReport, ServiceOutcome } from '../gather/service-run.ts';
import { isNotFound } from '../kube/errors.ts';
import type { Kube } from '../kube/kube.ts';
import type { Timers } from '../kube/timers.ts';
import { MusterError, messageOf } from '../report/errors.ts';
import { isFinal } from '../report/lifecycle.ts';
import { type Spec, validateSpec } from '../report/spec.ts';
import type { GatherStatus, ReportStatus } from '../report/status.ts';
import type { CleanUp } from './clean-up.ts';
import type { Numbers } from './numbers.ts';
import { endEvent, plannedEvent, type ReportEvents } from './report-events.ts';
import {
  FINALIZER,
  ID_LABEL,
  keyOf,
  type MustGatherReport,
  mustGatherReports,
  numberOf,
  REQUESTED_BY_ANNOTATION,
} from './report-kind.ts';
import { reportStatus, type StatusFacts } from './report-status.ts';
import type { RunSignals, Runs } from './runs.ts';
import type { StatusWriter } from './status-writer.ts';
import { isWorthTrying, reasonOf } from './what-next.ts';

/** What runs gathers: `src/gather` behind one door, so that tests of the loop need no pods. */
export type GatherEngine = {
  /** Throws `MusterError` for a spec that names nothing, `KubeError` where the cluster does not answer. Only reads. */
  plan(spec: Spec, signal: AbortSignal): Promise<{ gathers: GatherStatus[]; warnings: readonly string[] }>;
  /** From planned gathers to the archive; see `runServiceReport`. */
  run(report: Omit<PlannedReport, 'gathers'>, signals: RunSignals): Promise<ServiceOutcome>;
  /** The cluster that a spec means. Throws `MusterError` NotFound for one that nobody told of. */
  clusterOf(spec: Spec): Promise<Kube>;
};

export type ReconcilerOptions = {
  /** The cluster that has the reports. */
  readonly kube: Kube;
  readonly engine: GatherEngine;
  readonly runs: Runs<ServiceOutcome>;
  readonly numbers: Numbers;
  readonly cleanUp: CleanUp;
  readonly events: ReportEvents;
  readonly writerOf: (report: MustGatherReport) => StatusWriter;
  /** Where the archive of a report can be fetched. */
  readonly reportUrl: (id: number) => string;
  /** How long earlier reports of the same gathers took; `undefined` where nothing is known. */
  readonly expectedMs: (gathers: readonly GatherStatus[]) => number | undefined;
  /** The report has to be looked at again, soon. */
  readonly wake: (key: string) => void;
  readonly timers: Timers;
};

/** When to look at the report again; without `afterMs`, when something happens to it. */
export type Next = { readonly afterMs?: number | undefined };

/** Progress moves at least this often while a report runs. */
const LOOK_EVERY_MS = 5_000;
const ASK_WITHIN_MS = 30_000;
/** What fails but may pass is tried again for so long; after that the report has failed, and says why. */
const TRY_WITHIN_MS = 15 * 60_000;
/** What fails after so long without a failure is another trouble. More than the queue's longest wait (work-queue.ts). */
const OTHER_TROUBLE_MS = 10 * 60_000;

/** What this process remembers of a report that it works on. */
type Memory = {
  writer: StatusWriter;
  status: ReportStatus;
  warnings: readonly string[];
  /** Of failures that followed one another. */
  failing?: { readonly sinceMs: number; readonly lastMs: number };
};

export type Reconciler = {
  /** One look at one report. Throws what may pass, for the queue to come back later. */
  reconcile(report: MustGatherReport): Promise<Next>;
  /** The report is gone from the cluster. */
  forget(report: MustGatherReport): Promise<void>;
};

/**
 * Brings a report a step further, from what the cluster says of it now: taken in, planned, run, cleaned up, deleted.
 * Each step may be taken again, by any process, whatever the last one was killed at.
 */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { kube, engine, runs, cleanUp, events, timers } = options;
  const memories = new Map<string, Memory>();
  const memoryOf = (report: MustGatherReport): Memory => {
    const uid = report.metadata.uid ?? '';
    const found = memories.get(uid) ?? { writer: options.writerOf(report), status: report.status ?? {}, warnings: [] };
    memories.set(uid, found);
    return found;
  };

  const tell = (report: MustGatherReport, facts: Omit<StatusFacts, 'nowMs' | 'reportUrl'>): ReportStatus => {
    const memory = memoryOf(report);
    const { reportUrl } = options;
    memory.status = reportStatus(report, memory.status, { ...facts, nowMs: timers.now(), reportUrl });
    memory.writer.set(memory.status);
    return memory.status;
  };

  const tellAtOnce = async (report: MustGatherReport, facts: Omit<StatusFacts, 'nowMs' | 'reportUrl'>) => {
    const status = tell(report, facts);
    await memoryOf(report).writer.flush();
    if (!isFinal(status.phase ?? 'New')) return;
    cleanUp.noteEnd(report.metadata.uid ?? '');
    events(report, endEvent(status));
  };

  const plan = async (report: MustGatherReport, spec: Spec): Promise<Next> => {
    if (spec.cancel) {
      await tellAtOnce(report, { spec, gathers: undefined, deadlinePassed: false, archive: 'open' });
      return {};
    }
    try {
      const { gathers, warnings } = await engine.plan(spec, AbortSignal.timeout(ASK_WITHIN_MS));
      memoryOf(report).warnings = warnings;
      // Written before anything is made: whoever takes over runs these gathers, not what a second plan would say.
      await tellAtOnce(report, { spec, gathers, deadlinePassed: false, archive: 'open' });
      events(report, plannedEvent(gathers));
      return {};
    } catch (error) {
      if (isWorthTrying(error) && !isTooLong(report)) {
        tell(report, { spec, gathers: undefined, deadlinePassed: false, archive: 'open' });
        throw error;
      }
      const refusal = { reason: reasonOf(error), message: messageOf(error) };
      await tellAtOnce(report, { spec, gathers: undefined, deadlinePassed: false, archive: 'open', refusal });
      return {};
    }
  };

  const isTooLong = (report: MustGatherReport): boolean => {
    const memory = memoryOf(report);
    const nowMs = timers.now();
    const { failing } = memory;
    const isSame = failing !== undefined && nowMs - failing.lastMs < OTHER_TROUBLE_MS;
    const sinceMs = isSame ? failing.sinceMs : nowMs;
    memory.failing = { sinceMs, lastMs: nowMs };
    return nowMs - sinceMs > TRY_WITHIN_MS;
  };

  const carryOn = async (report: MustGatherReport, spec: Spec): Promise<Next> => {
    const memory = memoryOf(report);
    const { uid = '', creationTimestamp = '' } = report.metadata;
    const planned = memory.status.gathers ?? [];
    // By the clock of a server, as everything that is compared with it is; the cluster's may differ.
    const startedAtMs = Date.parse(memory.status.startedAt ?? creationTimestamp);
    const start = (signals: RunSignals) =>
      engine.run(
        {
          uid,
          spec,
          statuses: planned,
          warnings: memory.warnings,
          requestedBy: report.metadata.annotations?.[REQUESTED_BY_ANNOTATION] ?? '',
          startedAtMs,
        },
        signals,
      );
    const run = runs.ensure(uid, start, () => options.wake(keyOf(report)));
    if (spec.cancel) run.cancel();
    const state = run.state();
    const elapsedMs = timers.now() - startedAtMs;
    const facts = {
      spec,
      gathers: state.stage === 'done' ? state.outcome.gathers : run.gathers(),
      deadlinePassed: false,
      archive: 'open' as const,
      elapsedMs,
      expectedMs: options.expectedMs(planned),
    };
    if (state.stage === 'running') {
      tell(report, facts);
      return { afterMs: LOOK_EVERY_MS };
    }
    if (state.stage === 'done') {
      await tellAtOnce(report, { ...facts, archive: state.outcome.archive });
      return {};
    }
    if (isWorthTrying(state.error) && !isTooLong(report)) {
      runs.forget(uid);
      throw state.error;
    }
    await tellAtOnce(report, { ...facts, deadlinePassed: true, archive: { failed: messageOf(state.error) } });
    return {};
  };

  const leftoverOf = async (report: MustGatherReport, spec: Spec | undefined) => ({
    reportUid: report.metadata.uid ?? '',
    runNamespace: spec?.runNamespace,
    keepNamespace: spec?.keepNamespace ?? false,
    kube: await clusterOf(spec),
  });

  /** What cannot be reached cannot be cleaned either: then at least this cluster is. */
  const clusterOf = async (spec: Spec | undefined): Promise<Kube> => {
    if (spec?.server === undefined) return kube;
    try {
      return await engine.clusterOf(spec);
    } catch (error) {
      if (error instanceof MusterError && error.code === 'NotFound') return kube;
      throw error;
    }
  };

  const keep = async (report: MustGatherReport, spec: Spec): Promise<Next> => {
    const { uid = '', name = '', namespace } = report.metadata;
    runs.forget(uid);
    await cleanUp.afterEnd(await leftoverOf(report, spec));
    memories.delete(uid);
    const facts = { spec, gathers: undefined, deadlinePassed: false, archive: 'open' as const };
    const { reportUrl } = options;
    const status = reportStatus(report, report.status ?? {}, { ...facts, nowMs: timers.now(), reportUrl });
    // A changed `deleteAfter` moves the end. Nothing is written for the thousands that stay as they are.
    if (!isDeepStrictEqual(status, report.status)) {
      const writer = options.writerOf(report);
      writer.set(status);
      await writer.flush();
    }
    if (status.expiresAt === undefined) return {};
    const afterMs = Date.parse(status.expiresAt) - timers.now();
    if (afterMs > 0) return { afterMs };
    events(report, { type: 'Normal', reason: 'Expired', message: 'deleted, as its time is over' });
    await kube.remove(mustGatherReports, name, { namespace, uid });
    return {};
  };

  const remove = async (report: MustGatherReport): Promise<Next> => {
    const { uid = '', name = '', namespace, finalizers = [], resourceVersion } = report.metadata;
    await runs.letGo(uid);
    if (!finalizers.includes(FINALIZER)) return {};
    const spec = specOf(report);
    const afterMs = await cleanUp.remove(await leftoverOf(report, 'spec' in spec ? spec.spec : undefined));
    if (afterMs !== undefined) return { afterMs };
    const left = finalizers.filter((each) => each !== FINALIZER);
    const change = { metadata: { resourceVersion, finalizers: left } };
    try {
      await kube.patch(mustGatherReports, name, 'merge', change, { namespace });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return {};
  };

  /** Gives it its number and the finalizer, in one step. */
  const takeIn = async (report: MustGatherReport): Promise<void> => {
    const { name = '', namespace, finalizers = [], resourceVersion } = report.metadata;
    const number = numberOf(report) ?? (await options.numbers.next(AbortSignal.timeout(ASK_WITHIN_MS)));
    const metadata = {
      resourceVersion,
      finalizers: [...new Set([...finalizers, FINALIZER])],
      labels: { [ID_LABEL]: String(number) },
    };
    await kube.patch(mustGatherReports, name, 'merge', { metadata }, { namespace });
  };

  return {
    reconcile: async (report) => {
      if (report.metadata.deletionTimestamp !== undefined) return await remove(report);
      if (!isTakenIn(report)) {
        await takeIn(report);
        return {};
      }
      const found = specOf(report);
      if ('refusal' in found) {
        if (isFinal(report.status?.phase ?? 'New')) return {};
        const { refusal } = found;
        await tellAtOnce(report, {
          spec: undefined,
          gathers: undefined,
          deadlinePassed: false,
          archive: 'open',
          refusal,
        });
        return {};
      }
      if (isFinal(report.status?.phase ?? 'New')) return await keep(report, found.spec);
      if (report.status?.gathers === undefined) return await plan(report, found.spec);
      return await carryOn(report, found.spec);
    },
    forget: async ({ metadata: { uid = '' } }) => {
      memories.delete(uid);
      await runs.letGo(uid);
    },
  };
}

const isTakenIn = ({ metadata }: MustGatherReport) =>
  metadata.finalizers?.includes(FINALIZER) === true && metadata.labels?.[ID_LABEL] !== undefined;

type FoundSpec = { readonly spec: Spec } | { readonly refusal: { readonly reason: string; readonly message: string } };

/** The schema of the cluster let it through; an older or a newer one than this process has may differ. */
function specOf(report: MustGatherReport): FoundSpec {
  try {
    return validateSpec(report.spec ?? {});
  } catch (error) {
    return { refusal: { reason: reasonOf(error), message: messageOf(error) } };
  }
}
