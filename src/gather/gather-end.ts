import { sleep } from '../kube/timers.ts';
import { messageOf } from '../report/errors.ts';
import type { Collector } from './collector.ts';
import type { Attending } from './gather-context.ts';
import type { GatherEnd } from './verdict.ts';
import { STOP_GRACE_SECONDS } from './wrapper.ts';

/** Between two looks at which files have settled. */
const ROUND_EVERY_MS = 2_000;
/** After a stop was asked for: the wrapper's grace, and the kubelet's way of saying that the container ended. */
const STOP_PATIENCE_MS = (STOP_GRACE_SECONDS + 20) * 1000;

/**
 * Waits for the gather's end, copies settled files meanwhile, and tells it to stop at the deadline. The wait itself is
 * bounded: a node that says nothing any more ends it too.
 */
export async function untilEnded(
  attending: Attending,
  collector: Pick<Collector, 'round'>,
  report: () => void,
): Promise<GatherEnd> {
  const { context, watch, deadlineMs } = attending;
  const { timers, interrupt, cancel } = context;
  const enough = cancel === undefined ? interrupt : AbortSignal.any([interrupt, cancel]);
  const over = new AbortController();
  const isOver = (stage: string) => stage === 'ended' || stage === 'lost';
  const rounds = copyInRounds(attending, collector, over.signal, report);
  let state = await watch.until(({ stage }) => isOver(stage), deadlineMs, enough);
  if (!isOver(state.stage) && !interrupt.aborted) {
    await askToStop(attending, cancel?.aborted ? 'Cancelled' : 'Timeout');
    state = await watch.until(({ stage }) => isOver(stage), timers.now() + STOP_PATIENCE_MS, interrupt);
  }
  over.abort();
  await rounds;
  if (state.stage === 'ended' || state.stage === 'lost') return state;
  return { stage: 'silent', message: 'the deadline passed, and its node does not say that it stopped' };
}

async function copyInRounds(
  { context, say }: Attending,
  collector: Pick<Collector, 'round'>,
  over: AbortSignal,
  report: () => void,
): Promise<void> {
  while (!over.aborted && !context.interrupt.aborted) {
    try {
      await sleep(context.timers, ROUND_EVERY_MS, AbortSignal.any([over, context.interrupt]));
    } catch {
      return; // the gather is over, or the person wants out
    }
    await collector.round(context.interrupt).catch((error: unknown) => say(messageOf(error)));
    report();
  }
}

async function askToStop({ context, files, say }: Attending, reason: 'Timeout' | 'Cancelled'): Promise<void> {
  const why = reason === 'Timeout' ? 'the deadline passed' : 'cancelled';
  say(`${why}: stopping the gather, and keeping what it wrote`);
  try {
    await files.stop(reason, context.interrupt);
  } catch (error) {
    // The wrapper in the pod has the same deadline, counted from its own start, and stops by itself.
    say(`could not reach the gather to stop it: ${messageOf(error)}`);
  }
}
