import type { Readable, Writable } from 'node:stream';
import type { Kube } from './kube.ts';
import type { Timers } from './timers.ts';

export type ExecOptions = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  /**
   * Sent to the command; its end closes the command's standard input where the server speaks `v5.channel.k8s.io`.
   * Under v4 there is no half-close: a command that reads to the end would wait for ever, so tell it a byte count.
   */
  readonly stdin?: Readable | undefined;
  /** Written with back-pressure, never ended: they belong to the caller. */
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timers?: Timers | undefined;
};

export type ExecResult = { readonly exitCode: number };

/**
 * Runs a command in a container. Resolves with its exit code, also when that is not 0, after all output was taken by
 * the sinks. Throws `KubeError`: next `retry` when the connection was cut before the command's end was heard of.
 */
export async function execInPod(_kube: Kube, _options: ExecOptions): Promise<ExecResult> {
  throw new Error('not there yet');
}
