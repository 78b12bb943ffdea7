/** A limit on gathers at once, shared fairly: whoever has fewest running is served next, else whoever waited longest. */
export type Slots = {
  /** Waits for a slot; the function that it resolves to gives it back. Rejects with the signal's reason. */
  take(requester: string, signal: AbortSignal): Promise<() => void>;
  readonly running: number;
  readonly waiting: number;
};

type Waiting = { readonly requester: string; readonly start: () => void };

/** Makes `limit` slots. */
export function createSlots(limit: number): Slots {
  const running = new Map<string, number>();
  const line: Waiting[] = [];
  let total = 0;

  const give = (requester: string) => {
    total += 1;
    running.set(requester, (running.get(requester) ?? 0) + 1);
  };
  const giveBack = (requester: string) => {
    total -= 1;
    const left = (running.get(requester) ?? 0) - 1;
    if (left > 0) running.set(requester, left);
    else running.delete(requester);
    serve();
  };
  const serve = () => {
    while (total < limit && line.length > 0) {
      const counts = line.map(({ requester }) => running.get(requester) ?? 0);
      const [next] = line.splice(counts.indexOf(Math.min(...counts)), 1);
      if (next === undefined) return;
      give(next.requester);
      next.start();
    }
  };
  return {
    take: (requester, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const onAbort = () => {
          line.splice(line.indexOf(waiting), 1);
          reject(signal.reason);
        };
        const start = () => {
          signal.removeEventListener('abort', onAbort);
          let isHeld = true;
          resolve(() => {
            if (isHeld) giveBack(requester);
            isHeld = false;
          });
        };
        const waiting = { requester, start };
        signal.addEventListener('abort', onAbort, { once: true });
        line.push(waiting);
        serve();
      }),
    get running() {
      return total;
    },
    get waiting() {
      return line.length;
    },
  };
}
