/** The clock and the alarm of whatever waits in here; tests bring one of their own and move it by hand. */
export type Timers = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once, `delayMs` from now; the function it returns calls that off. */
  after(delayMs: number, run: () => void): () => void;
};

// 2^31-1 ms, about 25 days: above it setTimeout fires at once instead of late.
const longestDelayMs = 2_147_483_647;

/** The machine's own clock. */
export const realTimers: Timers = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), longestDelayMs));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`; rejects with the signal's reason as soon as that is aborted. */
export function sleep(timers: Timers, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      callOff();
      reject(signal?.reason);
    };
    const callOff = timers.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
