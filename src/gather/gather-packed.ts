import { sleep } from '../kube/timers.ts';
import type { Attending } from './gather-context.ts';
import { untilEnded } from './gather-end.ts';
import type { PackEnd } from './ingest.ts';
import type { Packing } from './packing.ts';
import { COPY_CONTAINER } from './pod.ts';
import { isCopyGone } from './pod-state.ts';
import type { GatherEnd } from './verdict.ts';

/** Between two looks at whether the packer is done. */
const LOOK_EVERY_MS = 100;

export type Packed =
  /** The part is in the store; without `pack` only as much of it as had arrived when the pod went away. */
  | { readonly end: GatherEnd; readonly pack: PackEnd | undefined }
  /** The store has no room for what it brings, however it comes. */
  | { readonly refusal: { readonly error: unknown } }
  /** The packer will not bring the files: they have to come through exec. */
  | 'take over';

/** A gather whose packer brings its files: waits for the end of both, while the packer lives. */
export async function gatherPacked(attending: Attending, packing: Packing, report: () => void): Promise<Packed> {
  const { context, say, watch } = attending;
  const dead = new AbortController();
  const look = async () => {
    if (packing.refusal() !== undefined) dead.abort(new Error('the store has no room'));
    const why = packing.whyDead();
    if (why === undefined || dead.signal.aborted) return;
    say(`the packer does not pack, so the files come through exec: ${why}`);
    dead.abort(new Error(why));
  };
  const interrupt = AbortSignal.any([context.interrupt, dead.signal]);
  const bounded = { ...attending, context: { ...context, interrupt } };
  const end = await untilEnded(bounded, { round: look }, report);
  context.interrupt.throwIfAborted();
  const refusedAtOnce = packing.refusal();
  if (refusedAtOnce !== undefined) return { refusal: refusedAtOnce };
  const isPodOver = () => isCopyGone(watch.pod(), COPY_CONTAINER);
  if (dead.signal.aborted) return isPodOver() && end.stage === 'lost' ? { end, pack: packing.end() } : 'take over';
  packing.gatherEnded();
  for (;;) {
    report();
    const refusal = packing.refusal();
    if (refusal !== undefined) return { refusal };
    const pack = packing.end();
    if (pack !== undefined) return { end, pack };
    if (isPodOver()) return { end: podEnd(end), pack: undefined };
    const why = packing.whyDead();
    if (why !== undefined) {
      say(`the packer stopped, so the files come through exec: ${why}`);
      return 'take over';
    }
    await sleep(context.timers, LOOK_EVERY_MS, context.interrupt);
  }
}

/** A gather that ended by itself is not complete when its pod went away before its files were out. */
function podEnd(end: GatherEnd): GatherEnd {
  if (end.stage === 'lost') return end;
  return { stage: 'lost', reason: 'PodDeleted', message: 'its pod went away before all of its files were out' };
}
