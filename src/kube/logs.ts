import type { Kube } from './kube.ts';
import type { Timers } from './timers.ts';

export type LogOptions = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly signal: AbortSignal;
  /** Start here instead of at the container's first line. */
  readonly sinceTime?: string | undefined;
  /** The run before the last restart. */
  readonly previous?: boolean | undefined;
  /** Keep the kubelet's RFC 3339 timestamp and the space after it at the start of each line; dropped unless told. */
  readonly timestamps?: boolean | undefined;
};

export type FollowOptions = LogOptions & {
  /** Whether the container has ended for good: once it has, the log is drained and the iteration ends. */
  readonly ended: () => boolean | Promise<boolean>;
  /** Give up after this long without one successful read; 120 s unless told. */
  readonly giveUpAfterMs?: number | undefined;
  readonly timers?: Timers | undefined;
};

/** The log as it is now, once, in chunks with back-pressure. Throws `KubeError`. */
export function readLogs(_kube: Kube, _options: LogOptions): AsyncIterable<Buffer> {
  throw new Error('not there yet');
}

/**
 * The log as it is written, in chunks that need not end at a line's end. Over reconnects no line and no byte of a line
 * is lost or repeated. Ends when the container has ended and its log is drained; throws the last `KubeError` after
 * `giveUpAfterMs` of failures, and the signal's reason when that is aborted.
 */
export function followLogs(_kube: Kube, _options: FollowOptions): AsyncIterable<Buffer> {
  throw new Error('not there yet');
}
