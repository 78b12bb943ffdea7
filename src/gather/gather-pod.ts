import { isAlreadyExists, isForbidden } from '../kube/errors.ts';
import type { Pod } from '../kube/kinds.ts';
import { pods as podKind } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { sleep } from '../kube/timers.ts';
import { MusterError, messageOf } from '../report/errors.ts';
import type { GatherContext } from './gather-context.ts';
import { REPORT_LABEL } from './namespace.ts';
import type { GatherPodRequest } from './pod.ts';
import { gatherPod } from './pod.ts';

/** The token controller makes a new namespace's service account within moments; pods are refused until then. */
const SERVICE_ACCOUNT_PATIENCE_MS = 15_000;

/** Makes the pod of a gather. Throws `KubeError` when the API server refuses it. */
export async function createPod({ kube, timers, interrupt }: GatherContext, request: GatherPodRequest): Promise<Pod> {
  const giveUpAtMs = timers.now() + SERVICE_ACCOUNT_PATIENCE_MS;
  for (;;) {
    try {
      // Not to be interrupted: an answer that nobody waited for would be a pod that nobody removes.
      return await kube.create(podKind, gatherPod(request), { namespace: request.namespace });
    } catch (error) {
      if (isAlreadyExists(error)) return await adoptPod(kube, request);
      const isEarly = isForbidden(error) && /serviceaccount ".*" not found/.test(messageOf(error));
      if (!isEarly || timers.now() > giveUpAtMs) throw error;
      await sleep(timers, 100, interrupt);
    }
  }
}

/** The pod that a server made which died since. */
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
