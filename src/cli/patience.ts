import { sleep, type Timers } from '../kube/timers.ts';
import { ServiceError } from './service-error.ts';

/** Waits out what passes: a service that starts again, a network that was cut. */
export type Patience = {
  /** Waits a while; throws the error when it does not pass, or has not for too long. */
  failed(error: unknown): Promise<void>;
  /** All is well again. */
  succeeded(): void;
};

export type PatienceOptions = {
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** Told of the first failure in a row. */
  readonly note: (line: string) => void;
};

const GIVES_UP_AFTER_MS = 5 * 60_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;

export function createPatience({ timers, signal, note }: PatienceOptions): Patience {
  let sinceMs: number | undefined;
  let waitMs = FIRST_WAIT_MS;
  return {
    async failed(error) {
      if (!(error instanceof ServiceError) || !error.isPassing) throw error;
      if (sinceMs === undefined) {
        sinceMs = timers.now();
        note(`${error.message}. Trying again.`);
      }
      if (timers.now() - sinceMs > GIVES_UP_AFTER_MS) throw error;
      await sleep(timers, Math.min(error.retryAfterMs ?? waitMs, LONGEST_WAIT_MS), signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    },
    succeeded() {
      sinceMs = undefined;
      waitMs = FIRST_WAIT_MS;
    },
  };
}
