import type { Timers } from '../kube/timers.ts';

/**
 * Does `run` again and again, `everyMs` after its last end; the function that it returns calls that off. `run` tells of
 * its own failures: one that it throws is nobody's to catch.
 */
export function repeat(timers: Timers, everyMs: number, run: () => Promise<void>): () => void {
  let isOff = false;
  let callOff: (() => void) | undefined;
  const arm = () => {
    if (!isOff) callOff = timers.after(everyMs, () => void run().finally(arm));
  };
  arm();
  return () => {
    isOff = true;
    callOff?.();
  };
}
