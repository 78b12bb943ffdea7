import { realTimers, type Timers } from '../kube/timers.ts';

export type Heartbeat = {
  /** What is sent when nothing came for `everyMs`, and once when nothing came at the start for `firstAfterMs`. */
  readonly beat: string;
  readonly everyMs: number;
  readonly firstAfterMs: number;
  readonly timers?: Timers;
};

/**
 * Passes a sequence on, and says that it lives while it is silent, so that proxies and readers do not take it for dead. Ends
 * at once with the signal's reason when that is aborted, whatever the sequence does.
 */
export async function* withHeartbeat(
  source: AsyncIterable<string>,
  { beat, everyMs, firstAfterMs, timers = realTimers }: Heartbeat,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  // Whoever stops waiting for it has a reason of their own, which is told instead.
  next.catch(() => undefined);
  let silentMs = firstAfterMs;
  try {
    for (;;) {
      const result = await nextOrSilence(next, silentMs, timers, signal);
      silentMs = everyMs;
      if (result === 'silence') {
        yield beat;
        continue;
      }
      if (result.done === true) return;
      yield result.value;
      next = iterator.next();
      next.catch(() => undefined);
    }
  } finally {
    // Not waited for: a sequence in the middle of a step ends when its signal makes it.
    void iterator.return?.().catch(() => undefined);
  }
}

function nextOrSilence(
  next: Promise<IteratorResult<string>>,
  silentMs: number,
  timers: Timers,
  signal: AbortSignal,
): Promise<IteratorResult<string> | 'silence'> {
  return new Promise((resolve, reject) => {
    const onAbort = () => settle(() => reject(signal.reason));
    const callOff = timers.after(silentMs, () => settle(() => resolve('silence')));
    const settle = (answer: () => void) => {
      callOff();
      signal.removeEventListener('abort', onAbort);
      answer();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    next.then(
      (result) => settle(() => resolve(result)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
