import type { Pod } from '../kube/kinds.ts';
import type { WatchCache } from '../kube/watch-cache.ts';
import type { Packers } from './packing.ts';
import type { GatherPodRequest } from './pod.ts';
import type { PodFiles } from './pod-files.ts';
import type { PodWatch } from './pod-watch.ts';
import type { Run } from './run.ts';

/** What the gathers of a run share. */
export type GatherContext = Run & {
  readonly pods: WatchCache<Pod>;
  /** Where a gather's files stand in the archive, from the image that ran and the node: never the same twice. */
  readonly folderFor: (imageID: string, node: string) => string | Promise<string>;
  /** Aborted when a person wants this report to stop in order: the gathers are told, and what they wrote is kept. */
  readonly cancel?: AbortSignal | undefined;
  /** Where the packers of pods that have one are met. */
  readonly packers?: Packers | undefined;
};

/** One gather whose pod is there. */
export type Attending = {
  readonly context: GatherContext;
  readonly request: GatherPodRequest;
  readonly pod: Pod;
  readonly watch: PodWatch;
  readonly files: PodFiles;
  readonly deadlineMs: number;
  readonly say: (line: string) => void;
};
