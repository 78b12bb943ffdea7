import type { Pod } from '../kube/kinds.ts';
import { pods as podKind } from '../kube/kinds.ts';
import { sleep } from '../kube/timers.ts';
import type { WatchCache } from '../kube/watch-cache.ts';
import { watchCache } from '../kube/watch-cache.ts';
import { durationMs } from '../report/duration.ts';
import { messageOf } from '../report/errors.ts';
import type { GatherStatus } from '../report/status.ts';
import { folderNames } from './folders.ts';
import { inspectionGather } from './inspection.ts';
import { sweepLeftovers } from './leftovers.ts';
import type { RunMarks } from './namespace.ts';
import { ABANDONED_AFTER_ANNOTATION, PROCESS_ANNOTATION, REPORT_LABEL, RUN_BY_LABEL } from './namespace.ts';
import type { OwnNamespace } from './own-namespace.ts';
import { makeOwnNamespace } from './own-namespace.ts';
import type { PlannedGather } from './plan.ts';
import { BUILT_IN } from './plan.ts';
import { podRequest } from './pod-request.ts';
import { ownProcessMark } from './process-mark.ts';
import type { Run } from './run.ts';
import type { GatherOutcome } from './run-gather.ts';
import { runGather } from './run-gather.ts';

/** Gathers at once, over all images and nodes, as oc. */
const GATHERS_AT_ONCE = 4;
/** Before a cluster that refuses to list the run's pods is believed. */
const WATCH_ATTEMPTS = 4;
/** What starting, stopping, copying and cleaning up may take beyond the gathers' deadlines, on a slow line. */
const OVERHEAD_MS = 8 * 3600 * 1000;

/**
 * Runs all gathers of a report, four at a time, in a namespace that is removed again whatever happens. Never throws for
 * what becomes of them: each has its outcome, in the order of the plan.
 */
export async function runGathers(run: Run): Promise<GatherOutcome[]> {
  const inPods = run.plan.gathers.filter(({ image }) => image !== BUILT_IN);
  const builtIn = run.plan.gathers.filter(({ image }) => image === BUILT_IN);
  for (const gather of run.plan.gathers) run.observer.gather(waiting(gather));
  const [own, others] = await Promise.all([
    Promise.all(builtIn.map((gather) => inspectionGather(run, gather))),
    inPods.length === 0 ? [] : inNamespace(run, inPods),
  ]);
  return [...own, ...others];
}

async function inNamespace(run: Run, gathers: readonly PlannedGather[]): Promise<GatherOutcome[]> {
  const { kube, spec, log, interrupt } = run;
  const marks = marksOf(run);
  let own: OwnNamespace | undefined;
  try {
    await sweepLeftovers(kube, { runNamespace: spec.runNamespace, now: run.now, say: log.warn, signal: interrupt });
    if (spec.runNamespace === undefined) {
      own = await makeOwnNamespace(kube, marks, { keep: spec.keepNamespace, log });
    }
    return await inPods(run, gathers, own?.name ?? spec.runNamespace ?? '', marks);
  } catch (error) {
    log.warn(`the gathers could not run: ${messageOf(error)}`);
    return gathers.map((gather) => refused(run, gather, error));
  } finally {
    await own?.remove();
  }
}

async function inPods(
  run: Run,
  gathers: readonly PlannedGather[],
  namespace: string,
  marks: RunMarks,
): Promise<GatherOutcome[]> {
  const { plan, spec } = run;
  const pods = await openPods(run, namespace, marks);
  try {
    const context = {
      ...run,
      pods,
      folderFor: folderNames(run.topName, spec.nodeSelector !== undefined),
    };
    return await someAtATime(gathers, GATHERS_AT_ONCE, (gather) =>
      runGather(context, podRequest(spec, plan, gather, { namespace, marks })),
    );
  } finally {
    pods.stop();
  }
}

/** The run's pods, kept fresh. One answer that is wrong does not end a run, neither the first: it is asked again. */
export async function openPods(run: Run, namespace: string, marks: RunMarks): Promise<WatchCache<Pod>> {
  const { kube, log, timers, interrupt } = run;
  for (let attempt = 1; ; attempt += 1) {
    const pods = watchCache(kube, podKind, {
      namespace,
      labelSelector: `${REPORT_LABEL}=${marks.labels[REPORT_LABEL]}`,
      onError: (error) => log.say(`watching the pods: ${messageOf(error)}`),
      timers,
    });
    try {
      await pods.synced;
      return pods;
    } catch (error) {
      pods.stop();
      if (attempt === WATCH_ATTEMPTS) throw error;
      await sleep(timers, attempt * 500, interrupt);
    }
  }
}

/** So that a later run recognises what this one made, and when nobody can be using it any more. */
function marksOf({ plan, spec, topName, now }: Run): RunMarks {
  const turns = Math.ceil(plan.gathers.length / GATHERS_AT_ONCE);
  const abandonedAfter = new Date(now().getTime() + turns * durationMs(spec.timeout) + OVERHEAD_MS);
  return {
    labels: { [REPORT_LABEL]: topName.split('.').at(-1) ?? '', [RUN_BY_LABEL]: 'cli' },
    // What a person keeps is no leftover, for no later run.
    annotations: spec.keepNamespace
      ? {}
      : {
          [PROCESS_ANNOTATION]: ownProcessMark(),
          [ABANDONED_AFTER_ANNOTATION]: abandonedAfter.toISOString(),
        },
  };
}

function waiting({ name, image, nodeName }: PlannedGather): GatherStatus {
  return { name, image, phase: 'Waiting', ...(nodeName === undefined ? {} : { node: nodeName }) };
}

function refused({ interrupt, observer }: Run, gather: PlannedGather, error: unknown): GatherOutcome {
  const status: GatherStatus = interrupt.aborted
    ? { ...waiting(gather), phase: 'Cancelled', reason: 'Cancelled', message: 'interrupted' }
    : { ...waiting(gather), phase: 'Failed', reason: 'Refused', message: messageOf(error) };
  observer.gather(status);
  return { status, part: undefined };
}

/** Runs `work` on each item, at most `limit` at a time, and keeps their order. */
async function someAtATime<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [place, item] of queue) results[place] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
