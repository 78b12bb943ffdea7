import type { ContainerState, ContainerStatus } from '../../src/kube/kinds.ts';
import type { Image } from './images.ts';
import type { ContainerSpec, PodCondition, PodStatus, SandboxPod } from './pod-shape.ts';

/** What is known of one container of a pod; the worker changes it as things happen. */
export type ContainerRecord = {
  readonly spec: ContainerSpec;
  image: Image | undefined;
  state: ContainerState;
  lastState: ContainerState;
  restartCount: number;
  /** The process that runs, or ran last. */
  pid: number | undefined;
  /** It will not be started again. */
  isOver: boolean;
};

/** Why a pod failed as a whole, if it did. */
export type PodFailure = { readonly reason: string; readonly message: string };

export type PodRecord = {
  readonly startTime: string;
  readonly init: readonly ContainerRecord[];
  readonly main: readonly ContainerRecord[];
  failure: PodFailure | undefined;
};

/** A record of a container that nothing has happened to yet. */
export function newRecord(spec: ContainerSpec, waitingFor: string): ContainerRecord {
  const state = { waiting: { reason: waitingFor } };
  return { spec, image: undefined, state, lastState: {}, restartCount: 0, pid: undefined, isOver: false };
}

/** The status that follows from what is known, as a kubelet writes it. `now` stamps conditions that changed. */
export function statusOf(
  pod: SandboxPod,
  record: PodRecord,
  { hostIP, now }: { hostIP: string; now: string },
): PodStatus {
  const phase = phaseOf(record);
  const isInitialized = record.init.every(({ state }) => state.terminated?.exitCode === 0);
  const isReady = phase === 'Running' && record.main.every(({ state }) => state.running !== undefined);
  const ended = phase === 'Succeeded' ? { reason: 'PodCompleted' } : {};
  const wanted: PodCondition[] = [
    { type: 'Initialized', status: isInitialized ? 'True' : 'False' },
    { type: 'Ready', status: isReady ? 'True' : 'False', ...(isReady ? {} : ended) },
    { type: 'ContainersReady', status: isReady ? 'True' : 'False', ...(isReady ? {} : ended) },
    { type: 'PodScheduled', status: 'True' },
  ];
  const before = pod.status?.conditions ?? [];
  return {
    ...pod.status,
    phase,
    ...(record.failure ?? {}),
    conditions: wanted.map((condition) => withTime(condition, before, now)),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP: hostIP,
    podIPs: [{ ip: hostIP }],
    startTime: record.startTime,
    ...(record.init.length > 0 ? { initContainerStatuses: record.init.map(containerStatusOf) } : {}),
    containerStatuses: record.main.map(containerStatusOf),
  };
}

function withTime(condition: PodCondition, before: readonly PodCondition[], now: string): PodCondition {
  const same = before.find(({ type, status }) => type === condition.type && status === condition.status);
  return { ...condition, lastTransitionTime: same?.lastTransitionTime ?? now };
}

function phaseOf({ failure, init, main }: PodRecord): 'Pending' | 'Running' | 'Succeeded' | 'Failed' {
  if (failure !== undefined) return 'Failed';
  if (init.some(({ isOver, state }) => isOver && state.terminated?.exitCode !== 0)) return 'Failed';
  if (main.every(({ isOver }) => isOver)) {
    return main.every(({ state }) => state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  const hasStarted = main.some(({ state, restartCount }) => restartCount > 0 || state.waiting === undefined);
  return hasStarted ? 'Running' : 'Pending';
}

function containerStatusOf(record: ContainerRecord): ContainerStatus & { started: boolean; containerID?: string } {
  const { spec, image, state, lastState, restartCount, pid } = record;
  const isRunning = state.running !== undefined;
  return {
    name: spec.name,
    image: spec.image,
    imageID: image === undefined ? '' : imageIdOf(image),
    ready: isRunning || state.terminated?.exitCode === 0,
    started: isRunning,
    restartCount,
    state,
    lastState,
    ...(pid === undefined ? {} : { containerID: `sandbox://${pid}` }),
  };
}

function imageIdOf({ names, digest }: Image): string {
  const name = names[0] ?? '';
  return `${name.replace(/:[^:/]*$/, '')}@${digest}`;
}

/** Whether a container that ended is started again. */
export function isRestarted(policy: string | undefined, exitCode: number, isInit: boolean): boolean {
  if (isInit) return exitCode !== 0 && policy !== 'Never';
  return policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never';
}
