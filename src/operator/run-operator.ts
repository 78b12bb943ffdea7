import type { ServiceOutcome } from '../gather/service-run.ts';
import type { Slots } from '../gather/slots.ts';
import type { Kube } from '../kube/kube.ts';
import { acquireLease, type HeldLease } from '../kube/lease.ts';
import { sleep, type Timers } from '../kube/timers.ts';
import { isFinal } from '../report/lifecycle.ts';
import type { RetentionLimits } from '../store/retention.ts';
import type { Store } from '../store/store.ts';
import { createCleanUp } from './clean-up.ts';
import { keepConsoleLink } from './console-link.ts';
import { expectedMs } from './expected-time.ts';
import { fencedKube, fencedStore } from './fence.ts';
import { createGate } from './gate.ts';
import { keepLimits } from './keep-limits.ts';
import type { Numbers } from './numbers.ts';
import { createReconciler, type GatherEngine, type Reconciler } from './reconcile.ts';
import { createReportEvents } from './report-events.ts';
import { keyOf, type MustGatherReport } from './report-kind.ts';
import type { ReportWatch } from './report-watch.ts';
import { createRuns } from './runs.ts';
import { createStatusWriter } from './status-writer.ts';
import { sweep } from './sweep.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

export type OperatorOptions = {
  readonly kube: Kube;
  readonly store: Store;
  readonly watch: ReportWatch;
  /** The engine of a leader, over what it may change while it leads. */
  readonly engineOf: (kube: Kube, store: Store, isHeld: () => boolean) => GatherEngine;
  readonly numbers: Numbers;
  readonly slots: Slots;
  /** Throws as long as no report may be worked on: see `requireReportsPolicy`. Without, all may be. */
  readonly requirePolicy?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Of the lease, and who this process is in it. */
  readonly lease: { readonly namespace: string; readonly name: string; readonly identity: string };
  readonly reportUrl: (id: number) => string;
  /** What the store may hold, and which archives somebody fetches right now. */
  readonly keep: RetentionLimits;
  readonly isRead: (reportUid: string) => boolean;
  readonly timers: Timers;
  /** One line of the service's log. `report` is its key, where the line is of one. */
  readonly log: (level: 'info' | 'warn', message: string, report?: string, error?: unknown) => void;
};

export type Operator = {
  /** This process leads now. */
  isLeading(): boolean;
  /** Reports that wait for a worker. */
  queueDepth(): number;
  /** Lets go of all reports, for the next leader to go on with, and of the lease. */
  stop(): Promise<void>;
};

/** Reports that are looked at at once: a look is short, what takes long runs beside it. */
const WORKERS = 4;
const SWEEP_EVERY_MS = 10 * 60_000;
const LIMITS_EVERY_MS = 60_000;
const CONSOLE_EVERY_MS = 60_000;
const CONSOLE_WITHIN_MS = 30_000;
const POLICY_EVERY_MS = 10_000;

/** Leads whenever the lease can be had, and then brings every report of the cluster to its end. */
export function startOperator(options: OperatorOptions): Operator {
  const { kube, timers, log } = options;
  const stopped = new AbortController();
  let queue: WorkQueue | undefined;
  const onError = (error: unknown) => log('warn', 'the lease is asked for again', undefined, error);

  const lead = async (held: HeldLease) => {
    log('info', 'this process leads');
    const leading = createLeading(options, held.isHeld);
    queue = leading.queue;
    try {
      await untilAborted(AbortSignal.any([held.lost, stopped.signal]));
    } finally {
      queue = undefined;
      await leading.stop();
      await held.release();
      log('info', 'this process leads no more');
    }
  };
  const run = async () => {
    while (!stopped.signal.aborted) {
      try {
        await lead(await acquireLease(kube, { ...options.lease, timers, onError }, stopped.signal));
      } catch (error) {
        if (stopped.signal.aborted) return;
        onError(error);
        await sleep(timers, 1000, stopped.signal).catch(() => undefined);
      }
    }
  };
  const ended = run();
  return {
    isLeading: () => queue !== undefined,
    queueDepth: () => queue?.depth ?? 0,
    stop: async () => {
      stopped.abort(new Error('the service stops'));
      await ended;
    },
  };
}

/** Everything that only the leader does, from the moment when it leads until `stop`. */
function createLeading(
  options: OperatorOptions,
  isHeld: () => boolean,
): { queue: WorkQueue; stop: () => Promise<void> } {
  const { watch, timers, log } = options;
  const kube = fencedKube(options.kube, isHeld);
  const store = fencedStore(options.store, isHeld);
  const queue = createWorkQueue({ timers });
  const runs = createRuns<ServiceOutcome>();
  const onError = (error: unknown) => log('warn', 'something is tried again, or left', undefined, error);
  const cleanUp = createCleanUp({ store, timers, onError });
  const reconciler = createReconciler({
    ...options,
    kube,
    engine: options.engineOf(kube, store, isHeld),
    runs,
    cleanUp,
    events: createReportEvents(kube, { timers, onError }),
    writerOf: ({ metadata: { namespace = '', name = '' } }) =>
      createStatusWriter(kube, { namespace, name, onError, timers }),
    expectedMs: (gathers) => expectedMs(watch.cache.values(), gathers),
    wake: queue.add,
  });
  const unsubscribe = watch.subscribe(({ type, object }) => {
    if (type === 'removed') reconciler.forget(object).catch(onError);
    queue.add(keyOf(object));
  });
  const addAll = () => {
    for (const report of watch.cache.values()) queue.add(keyOf(report));
  };
  const gate = createGate({ require: options.requirePolicy, onOpen: addAll, log });
  // What runs here was let in, and goes on; what has ended, or is on its way out, is only cleaned up.
  const waits = ({ metadata: { uid = '', deletionTimestamp }, status }: MustGatherReport) =>
    !gate.isOpen() && deletionTimestamp === undefined && !isFinal(status?.phase ?? 'New') && !runs.has(uid);
  addAll();
  const workers = Array.from({ length: WORKERS }, () => work(queue, reconciler, waits, options));
  const stopped = new AbortController();
  const say = (line: string) => log('info', line);
  const again = { timers, signal: stopped.signal, onError };
  const guarding = nowAndThen(() => gate.look(stopped.signal), POLICY_EVERY_MS, again);
  const sweeping = nowAndThen(
    () => sweep({ kube, store, cleanUp, wake: queue.add, timers, say }),
    SWEEP_EVERY_MS,
    again,
  );
  const reports = () => watch.cache.values();
  const limiting = nowAndThen(
    () => keepLimits({ kube, limits: options.keep, reports, isRead: options.isRead, timers, say }),
    LIMITS_EVERY_MS,
    again,
  );
  const linking = nowAndThen(
    async () => {
      const done = await keepConsoleLink(
        kube,
        AbortSignal.any([stopped.signal, AbortSignal.timeout(CONSOLE_WITHIN_MS)]),
      );
      if (done !== undefined) say(done);
    },
    CONSOLE_EVERY_MS,
    again,
  );
  return {
    queue,
    stop: async () => {
      unsubscribe();
      stopped.abort(new Error('this process leads no more'));
      queue.shutDown();
      await runs.letGoOfAll();
      await Promise.all([...workers, guarding, sweeping, limiting, linking]);
      // A worker in the middle of its look may have begun one more.
      await runs.letGoOfAll();
    },
  };
}

async function work(
  queue: WorkQueue,
  { reconcile }: Reconciler,
  waits: (report: MustGatherReport) => boolean,
  { watch, log }: OperatorOptions,
): Promise<void> {
  for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
    try {
      const report = find(watch, key);
      const { afterMs } = report === undefined || waits(report) ? {} : await reconcile(report);
      queue.forget(key);
      if (afterMs !== undefined) queue.addAfter(key, afterMs);
    } catch (error) {
      log('warn', 'the report is looked at again', key, error);
      queue.retry(key);
    } finally {
      queue.done(key);
    }
  }
}

function find({ cache }: ReportWatch, key: string): MustGatherReport | undefined {
  const slash = key.indexOf('/');
  return cache.get(key.slice(slash + 1), key.slice(0, slash));
}

type Again = {
  readonly timers: Timers;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

async function nowAndThen(once: () => Promise<void>, everyMs: number, { timers, signal, onError }: Again) {
  while (!signal.aborted) {
    await once().catch(onError);
    await sleep(timers, everyMs, signal).catch(() => undefined); // the leader stops
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
