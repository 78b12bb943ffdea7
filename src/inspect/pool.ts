/** Jobs that run some at a time and may add more. A job never waits for another, so no number of them locks up. */
export type Pool = {
  add(job: () => Promise<void>): void;
  /** Resolves when nothing runs and nothing waits: how many jobs never began because of the signal. */
  drained(): Promise<number>;
};

/** `onError` hears what a job threw; the other jobs go on. Once `signal` is aborted no further job begins. */
export function openPool(concurrency: number, signal: AbortSignal, onError: (error: unknown) => void): Pool {
  let waiting: (() => Promise<void>)[] = [];
  let at = 0;
  let running = 0;
  const done = Promise.withResolvers<number>();

  const next = (): (() => Promise<void>) | undefined => {
    if (signal.aborted || at === waiting.length) return undefined;
    const job = waiting[at++];
    if (at > 1000) {
      waiting = waiting.slice(at);
      at = 0;
    }
    return job;
  };
  const work = async (): Promise<void> => {
    for (let job = next(); job !== undefined; job = next()) {
      try {
        await job();
      } catch (error) {
        onError(error);
      }
    }
    running--;
  };
  const settle = () => {
    if (running === 0) done.resolve(waiting.length - at);
  };
  return {
    add: (job) => {
      waiting.push(job);
      if (running >= concurrency) return;
      running++;
      void work().then(settle);
    },
    drained: () => {
      settle();
      return done.promise;
    },
  };
}
