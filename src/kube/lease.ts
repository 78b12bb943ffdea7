import type { Kube } from './kube.ts';
import type { Timers } from './timers.ts';

export type LeaseLockOptions = {
  readonly namespace: string;
  readonly name: string;
  /** Who holds it: unique for each process. */
  readonly identity: string;
  /** Others may take it when it was not renewed for this long; 15 s unless told. */
  readonly durationMs?: number | undefined;
  /** The holder gives up when it could not renew for this long; 10 s unless told, and less than `durationMs`. */
  readonly renewDeadlineMs?: number | undefined;
  /** Between tries; 2 s unless told. */
  readonly retryMs?: number | undefined;
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly timers?: Timers | undefined;
  readonly random?: (() => number) | undefined;
};

export type HeldLease = {
  /** Aborted when the lease is lost or released: whatever is done under the lease must stop with it. */
  readonly lost: AbortSignal;
  /** Stops renewing and lets the next one have it at once. */
  release(): Promise<void>;
};

/** Waits until the lease is ours, then keeps renewing it. Throws the signal's reason when that is aborted before. */
export async function acquireLease(_kube: Kube, _options: LeaseLockOptions, _signal: AbortSignal): Promise<HeldLease> {
  throw new Error('not there yet');
}
