import type { Timers } from '../kube/timers.ts';

/**
 * The queue between watches and workers, with the guarantees of controller-runtime's: a key is with one worker at a
 * time; added again meanwhile it comes once more, and however often it was added, once; a key that fails waits longer
 * each time, and holds up no other.
 */
export type WorkQueue = {
  /** Wants the key to be worked on, soon. */
  add(key: string): void;
  /** The same, not before `delayMs` from now. Of several such wishes the earliest counts. */
  addAfter(key: string, delayMs: number): void;
  /** The same after a failure: the wait doubles each time, until `forget`. */
  retry(key: string): void;
  /** The key did well: its next failure waits the first time's while. */
  forget(key: string): void;
  /** The next key, as soon as there is one; `undefined` once the queue is shut down and empty. */
  take(): Promise<string | undefined>;
  /** The worker is done with a key that it took. */
  done(key: string): void;
  /** Takes nothing more; what waits for its time is forgotten, what is due is still handed out. */
  shutDown(): void;
  /** Keys that are due and with no worker. */
  readonly depth: number;
};

export type WorkQueueOptions = {
  readonly timers: Timers;
  /** The wait after a first failure; 200 ms unless told. */
  readonly firstDelayMs?: number;
  /** The longest wait after a failure; 5 min unless told. */
  readonly longestDelayMs?: number;
};

/** Makes an empty queue. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { timers, firstDelayMs = 200, longestDelayMs = 300_000 } = options;
  // A Set keeps the order in which keys came, and each once.
  const due = new Set<string>();
  const working = new Set<string>();
  const again = new Set<string>();
  const later = new Map<string, { readonly atMs: number; readonly callOff: () => void }>();
  const failures = new Map<string, number>();
  const waiting: ((key: string | undefined) => void)[] = [];
  let isShut = false;

  const handOut = () => {
    for (const key of due) {
      const worker = waiting.shift();
      if (worker === undefined) return;
      due.delete(key);
      working.add(key);
      worker(key);
    }
    if (isShut) for (const worker of waiting.splice(0)) worker(undefined);
  };
  const forgetLater = (key: string) => {
    later.get(key)?.callOff();
    later.delete(key);
  };
  const add = (key: string) => {
    if (isShut) return;
    forgetLater(key);
    if (working.has(key)) again.add(key);
    else due.add(key);
    handOut();
  };
  const addAfter = (key: string, delayMs: number) => {
    if (delayMs <= 0) return add(key);
    const atMs = timers.now() + delayMs;
    if (isShut || (later.get(key)?.atMs ?? Number.POSITIVE_INFINITY) <= atMs) return;
    forgetLater(key);
    later.set(key, { atMs, callOff: timers.after(delayMs, () => add(key)) });
  };

  return {
    add,
    addAfter,
    retry(key) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      addAfter(key, Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(count, 30)));
    },
    forget: (key) => void failures.delete(key),
    take: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        handOut();
      }),
    done(key) {
      working.delete(key);
      if (again.delete(key)) due.add(key);
      handOut();
    },
    shutDown() {
      isShut = true;
      for (const key of [...later.keys()]) forgetLater(key);
      handOut();
    },
    get depth() {
      return due.size;
    },
  };
}
