import { cut, KubeError, neverArrived } from './errors.ts';
import { sleep, type Timers } from './timers.ts';

export type RetryRules = {
  /** What is asked, for the message of a deadline. */
  readonly request: string;
  /** Whether asking twice does no harm: then cut connections and 5xx are tried again as well. */
  readonly idempotent: boolean;
  readonly deadlineMs: number;
  /** Tells whether the server ever answered this client; if not, a person should hear soon that it does not. */
  readonly wasReached: () => boolean;
  readonly timers: Timers;
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
};

const firstDelayMs = 200;
const longestDelayMs = 5000;
// An aggregated API or a kubelet that is down answers 503 for long: waiting 30 s for each would stall an inspection.
const most5xxRetries = 3;
const mostRetriesUnreached = 2;

/**
 * Calls `attempt` until it succeeds, fails for good, or `deadlineMs` is over, and gives it a signal that is aborted at
 * the deadline. Retry-After is honoured where it fits into the deadline; where it does not, the refusal is thrown.
 */
export async function withRetries<T>(rules: RetryRules, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
  rules.signal?.throwIfAborted();
  const endsAtMs = rules.timers.now() + rules.deadlineMs;
  const deadline = new AbortController();
  const callOff = rules.timers.after(rules.deadlineMs, () => deadline.abort());
  const signal = rules.signal === undefined ? deadline.signal : AbortSignal.any([rules.signal, deadline.signal]);
  try {
    for (let retries = 0; ; retries++) {
      try {
        return await attempt(signal);
      } catch (error) {
        rules.signal?.throwIfAborted();
        if (deadline.signal.aborted) throw outOfTime(rules, error);
        const delayMs = delayBefore(rules, error, retries);
        if (delayMs === undefined || rules.timers.now() + delayMs >= endsAtMs) throw error;
        await sleep(rules.timers, delayMs, rules.signal);
      }
    }
  } finally {
    callOff();
  }
}

/** Exponential from 200 ms to 5 s, cut by up to half at random so that many clients do not come back at once. */
export function backoffMs(retries: number, random: () => number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(retries, 10)) * (1 - random() / 2);
}

/** How long to wait before the next attempt; undefined: there is none. */
function delayBefore(rules: RetryRules, error: unknown, retries: number): number | undefined {
  if (!(error instanceof KubeError) || !mayTryAgain(rules, error, retries)) return undefined;
  return Math.max(error.retryAfterMs ?? 0, backoffMs(retries, rules.random));
}

function mayTryAgain(rules: RetryRules, error: KubeError, retries: number): boolean {
  if (error.status === 429) return true;
  if (error.status === 0) {
    if (error.next === 'terminal') return false;
    if (!rules.wasReached() && retries >= mostRetriesUnreached) return false;
    return rules.idempotent || neverArrived(error.cause);
  }
  if (!rules.idempotent || ![500, 502, 503, 504].includes(error.status)) return false;
  return error.retryAfterMs !== undefined || retries < most5xxRetries;
}

function outOfTime(rules: RetryRules, error: unknown): unknown {
  if (error instanceof KubeError && error.status !== 0) return error;
  return cut(rules.request, 'Timeout', `no answer within ${rules.deadlineMs / 1000} s`, error);
}
