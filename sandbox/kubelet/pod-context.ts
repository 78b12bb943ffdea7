import { setTimeout as sleep } from 'node:timers/promises';
import type { Isolation, Mount } from './container.ts';
import { Missing } from './environment.ts';
import type { Image } from './images.ts';
import type { SandboxPod } from './pod-shape.ts';
import type { PodRecord } from './pod-state.ts';
import type { ContainerRun } from './run-container.ts';
import type { VolumeSources } from './volumes.ts';

/** What a pod's node does for it. */
export type NodeServices = {
  readonly isolation: Isolation;
  readonly images: () => readonly Image[];
  readonly sources: VolumeSources;
  readonly baseEnv: () => Readonly<Record<string, string>>;
  readonly commonMounts: readonly Mount[];
  /** RFC 3339 in whole seconds. */
  readonly timestamp: () => string;
  /** RFC 3339 with nanoseconds, for lines of a log. */
  readonly stamp: () => string;
  /** The first wait before a container is started again; it doubles up to 5 minutes. */
  readonly backoffMs: number;
  /** Writes what is known of the pod down as its status. */
  readonly report: (record: PodRecord) => void;
  readonly event: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  /** Tells whoever ends the sandbox's processes of one more, or one less. */
  readonly started: (pid: number) => void;
  readonly ended: (pid: number) => void;
};

/** A pod on its way through the node. */
export type PodContext = {
  readonly pod: SandboxPod;
  /** The pod's own folder. */
  readonly folder: string;
  readonly node: NodeServices;
  readonly record: PodRecord;
  /** Aborted when nothing new is to be started. */
  readonly ending: AbortSignal;
  /** Containers that run. */
  readonly living: Set<ContainerRun>;
  /** The last two runs of each container by its name. */
  readonly runs: Map<string, ContainerRuns>;
  readonly report: () => void;
};

export type ContainerRuns = { readonly current: ContainerRun; readonly previous: ContainerRun | undefined };

const retryMs = 1000;

/** Waits; false when the pod is ending. */
export async function pause({ ending }: Pick<PodContext, 'ending'>, ms: number): Promise<boolean> {
  return sleep(ms, true, { signal: ending, ref: false }).catch(() => false);
}

/** Tries until nothing is missing any more; `undefined` when the pod ends before. */
export async function whenThere<T>(
  context: Pick<PodContext, 'ending'>,
  attempt: () => Promise<T>,
  tell: (message: string) => void,
): Promise<T | undefined> {
  let told = '';
  while (!context.ending.aborted) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      if (told !== error.message) tell(error.message);
      told = error.message;
      await pause(context, retryMs);
    }
  }
  return undefined;
}
