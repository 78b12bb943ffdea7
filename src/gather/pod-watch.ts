import type { Pod } from '../kube/kinds.ts';
import type { Timers } from '../kube/timers.ts';
import type { WatchCache } from '../kube/watch-cache.ts';
import type { PodState } from './pod-state.ts';
import { podState } from './pod-state.ts';

/** The kubelet tries a pull again after 10 and 20 s; what fails for longer will not pass by itself. */
const PULL_PATIENCE_MS = 30_000;

/** One gather's pod, as the cluster tells of it. */
export type PodWatch = {
  state(): PodState;
  pod(): Pod | undefined;
  /** The first state that pleases; the state at that moment when `untilMs` passes or the signal aborts before. */
  until(pleases: (state: PodState) => boolean, untilMs: number, signal: AbortSignal): Promise<PodState>;
};

/** A pod that was just made may not have reached the watch yet: only one that was seen can be lost. */
export function watchPod(pods: WatchCache<Pod>, made: Pod, timers: Timers): PodWatch {
  const name = made.metadata.name ?? '';
  let seen = false;
  const look = (pod: Pod | undefined): PodState => {
    seen ||= pod !== undefined;
    return podState(seen ? pod : made);
  };
  const state = () => look(pods.get(name));
  return {
    state,
    pod: () => pods.get(name) ?? (seen ? undefined : made),
    until: async (pleases, untilMs, signal) => {
      const late = new AbortController();
      const callOff = timers.after(Math.max(0, untilMs - timers.now()), () => late.abort());
      try {
        await pods.waitFor(name, (pod) => pleases(look(pod)), AbortSignal.any([signal, late.signal]));
      } catch (error) {
        if (!late.signal.aborted && !signal.aborted) throw error;
      } finally {
        callOff();
      }
      return state();
    },
  };
}

/** Waits until the gather's container runs or has ended; a pull that fails is given a little time to pass. */
export async function untilStarted(
  watch: PodWatch,
  deadlineMs: number,
  timers: Timers,
  signal: AbortSignal,
): Promise<PodState> {
  const isPastStart = (state: PodState) => state.stage !== 'starting';
  const state = await watch.until(
    (now) => isPastStart(now) || (now.stage === 'starting' && now.pullProblem !== undefined),
    deadlineMs,
    signal,
  );
  if (state.stage !== 'starting' || state.pullProblem !== 'may pass') return state;
  const later = await watch.until(isPastStart, Math.min(deadlineMs, timers.now() + PULL_PATIENCE_MS), signal);
  const isPulled = later.stage === 'starting' && later.pullProblem === undefined;
  return isPulled ? await watch.until(isPastStart, deadlineMs, signal) : later;
}
