import { isAlreadyExists, isTooEarly, KubeError } from '../kube/errors.ts';
import type { Pod } from '../kube/kinds.ts';
import { pods as podKind } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { sleep } from '../kube/timers.ts';
import { MusterError, messageOf } from '../report/errors.ts';
import type { GatherContext } from './gather-context.ts';
import { REPORT_LABEL } from './namespace.ts';
import type { GatherPodRequest } from './pod.ts';
import { gatherPod } from './pod.ts';

/** For what `isTooEarly` tells of. */
const EARLY_PATIENCE_MS = 120_000;

/** Between two attempts at an API server that does not answer; a single one goes on for 30 s by itself. */
const AWAY_WAIT_MS = 1000;

type Making = Pick<GatherContext, 'kube' | 'timers' | 'interrupt' | 'cancel'>;

/**
 * Makes the pod of a gather, or finds the one of that name. An API server that is away, or gone before it answered, is
 * waited for until `deadlineMs` where the pod has a name: asked again, it says that the pod is there, and there are never
 * two. Throws `KubeError` when the API server refuses it, and the reason of `interrupt` or `cancel` while it waits.
 */
export async function createPod(making: Making, request: GatherPodRequest, deadlineMs: number): Promise<Pod> {
  const { timers, interrupt, cancel } = making;
  const enough = cancel === undefined ? interrupt : AbortSignal.any([interrupt, cancel]);
  const earlyUntilMs = Math.min(deadlineMs, timers.now() + EARLY_PATIENCE_MS);
  for (;;) {
    try {
      return await createOrAdopt(making.kube, request);
    } catch (error) {
      const isEarly = isTooEarly(error);
      const isAway = request.podName !== undefined && error instanceof KubeError && error.next === 'retry';
      const [untilMs, waitMs] = isEarly ? [earlyUntilMs, 100] : [deadlineMs, AWAY_WAIT_MS];
      if (!(isEarly || isAway) || timers.now() > untilMs) throw error;
      await sleep(timers, waitMs, enough);
    }
  }
}

async function createOrAdopt(kube: Kube, request: GatherPodRequest): Promise<Pod> {
  try {
    // Not to be interrupted: an answer that nobody waited for would be a pod that nobody removes.
    return await kube.create(podKind, gatherPod(request), { namespace: request.namespace });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  return await adoptPod(kube, request);
}

/** The pod that was made before: by a server which died since, or by a request whose answer never came. */
async function adoptPod(kube: Kube, { podName = '', namespace, marks }: GatherPodRequest): Promise<Pod> {
  const pod = await kube.get(podKind, podName, { namespace });
  if (pod.metadata.labels?.[REPORT_LABEL] === marks.labels[REPORT_LABEL]) return pod;
  throw new MusterError('Conflict', `pod ${namespace}/${podName} is not of this report`);
}

/** Also on the way out after an interrupt, and in a namespace that is not ours: nobody else removes the pod there. */
export async function removePod({ kube, log }: GatherContext, request: GatherPodRequest, pod: Pod): Promise<void> {
  const { name = '', namespace = request.namespace, uid } = pod.metadata;
  try {
    await kube.remove(podKind, name, { namespace, uid, gracePeriodSeconds: 1 });
  } catch (error) {
    log.warn(`could not delete pod ${name} in namespace ${namespace}: ${messageOf(error)}`, request.gatherName);
  }
}
