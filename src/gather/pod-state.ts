import type { ContainerStatus, Pod } from '../kube/kinds.ts';
import { GATHER_CONTAINER } from './pod.ts';

/** What the cluster says of a gather's pod, reduced to what the run needs to decide what to do next. */
export type PodState =
  | { readonly stage: 'starting'; readonly message: string; readonly pullProblem?: string | undefined }
  | { readonly stage: 'running'; readonly imageID: string; readonly node: string }
  | {
      readonly stage: 'ended';
      readonly imageID: string;
      readonly node: string;
      readonly exitCode: number;
      /** The container's reason, such as `Error`, `OOMKilled`, `StartError`. */
      readonly reason: string;
      /** Why the wrapper stopped the command, or the last lines that the container wrote. */
      readonly message: string;
      readonly startedAt?: string | undefined;
      readonly finishedAt?: string | undefined;
    }
  | { readonly stage: 'lost'; readonly reason: 'PodDeleted' | 'Evicted'; readonly message: string };

const PULL_PROBLEMS = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'SignatureValidationFailed']);
/** Waiting does not help against these. */
const HOPELESS = new Set(['InvalidImageName', 'ErrImageNeverPull']);

/** `undefined` stands for a pod that is gone. */
export function podState(pod: Pod | undefined): PodState {
  if (pod === undefined) return { stage: 'lost', reason: 'PodDeleted', message: 'the pod was deleted' };
  const gather = pod.status?.containerStatuses?.find((status) => status.name === GATHER_CONTAINER);
  const where = { imageID: gather?.imageID ?? '', node: pod.spec.nodeName ?? '' };
  const terminated = gather?.state?.terminated;
  if (terminated !== undefined && terminated.reason !== 'ContainerStatusUnknown') {
    return {
      stage: 'ended',
      ...where,
      exitCode: terminated.exitCode,
      reason: terminated.reason ?? '',
      message: terminated.message ?? '',
      startedAt: terminated.startedAt,
      finishedAt: terminated.finishedAt,
    };
  }
  if (pod.status?.phase === 'Failed') {
    const evicted = pod.status.reason === 'Evicted';
    return {
      stage: 'lost',
      reason: evicted ? 'Evicted' : 'PodDeleted',
      message: pod.status.message ?? `the pod failed: ${pod.status.reason ?? 'no reason given'}`,
    };
  }
  if (gather?.state?.running !== undefined) return { stage: 'running', ...where };
  return starting(pod, gather);
}

/** True once nothing in the pod can be asked for files any more. */
export function isCopyGone(pod: Pod | undefined, copyContainer: string): boolean {
  const copy = pod?.status?.containerStatuses?.find((status) => status.name === copyContainer);
  return pod === undefined || pod.status?.phase === 'Failed' || copy?.state?.terminated !== undefined;
}

function starting(pod: Pod, gather: ContainerStatus | undefined): PodState {
  const waiting = gather?.state?.waiting;
  const reason = waiting?.reason ?? '';
  if (HOPELESS.has(reason) || PULL_PROBLEMS.has(reason)) {
    const message = `unable to pull image: ${reason}: ${waiting?.message ?? ''}`.trim();
    return { stage: 'starting', message, pullProblem: HOPELESS.has(reason) ? 'hopeless' : 'may pass' };
  }
  if (reason !== '' && reason !== 'ContainerCreating' && reason !== 'PodInitializing') {
    return { stage: 'starting', message: `${reason}: ${waiting?.message ?? ''}` };
  }
  const scheduled = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return { stage: 'starting', message: `no node for the pod yet: ${scheduled.message ?? scheduled.reason ?? ''}` };
  }
  return {
    stage: 'starting',
    message: pod.spec.nodeName ? 'the container is being created' : 'the pod is being placed',
  };
}
