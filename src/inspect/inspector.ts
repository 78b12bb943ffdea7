import type { Discovery } from '../kube/discovery.ts';
import type { Kube } from '../kube/kube.ts';
import type { EventRow } from './event-rows.ts';
import type { Pool } from './pool.ts';
import type { Tree } from './tree.ts';

/** What every inspection is told. */
export type InspectionOptions = {
  /** Folder that gets the tree; made when it is not there, and added to when it is. */
  readonly destDir: string;
  /** Only log lines younger than this; one of the two. */
  readonly since?: { readonly durationMs: number } | undefined;
  /** Only log lines from this time on, RFC 3339. */
  readonly sinceTime?: string | undefined;
  /** Logs that the kubelet rotated, too. */
  readonly rotatedPodLogs?: boolean | undefined;
  /** Requests at once; 16 unless told. */
  readonly concurrency?: number | undefined;
  readonly now: () => Date;
  readonly say: (line: string) => void;
  /** Ends the inspection early: what was read until then is kept, and an error says what is missing. */
  readonly signal?: AbortSignal | undefined;
};

/** What was written, and what could not be read: one line for each failure. */
export type Inspected = { readonly files: number; readonly sizeBytes: number; readonly errors: readonly string[] };

/** Which lines of logs are wanted. */
export type LogWishes = {
  readonly sinceSeconds: number | undefined;
  readonly sinceTime: string | undefined;
  /** The same as a point in time, for the names of rotated logs. */
  readonly fromMs: number | undefined;
  readonly rotated: boolean;
  /** At most so many lines of each log, the last. */
  readonly tailLines: number | undefined;
};

/** One inspection while it runs. */
export type Inspector = {
  readonly kube: Kube;
  readonly discovery: Discovery;
  readonly tree: Tree;
  readonly pool: Pool;
  readonly logs: LogWishes;
  readonly signal: AbortSignal;
  /** A line for people that is no failure. Each is said once. */
  note(line: string): void;
  /** Something that was wanted could not be read. */
  fail(line: string): void;
  /** Takes an event for the page, and remembers which file holds it. */
  event(path: string, row: EventRow): void;
  /** How often reading logs from a node failed in a row: a node that is down must not cost a timeout for each log. */
  readonly nodeFailures: Map<string, number>;
};
