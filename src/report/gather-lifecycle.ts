import { GATHER_PHASES } from './phases.ts';
import type { GatherPhase, GatherStatus } from './status.ts';

const FINAL: ReadonlySet<GatherPhase> = new Set(['Done', 'Partial', 'Failed', 'Cancelled']);

/** True when nothing more becomes of the gather. */
export function isFinalGather(gather: Pick<GatherStatus, 'phase'>): boolean {
  return FINAL.has(gather.phase);
}

/** True when something of what the gather wrote is kept. `Done` counts, also when it wrote nothing. */
export function hasData(gather: Pick<GatherStatus, 'phase' | 'files'>): boolean {
  return gather.phase === 'Done' || gather.phase === 'Partial' || (gather.files ?? 0) > 0;
}

/**
 * The gathers after a look at them: each as it is seen now, but for what would be a step back, which happens when
 * caches lag or a process died. What is final stays as it is, and nothing that was known gets lost. Order: as first seen.
 */
export function advanceGathers(
  previous: readonly GatherStatus[],
  observed: readonly GatherStatus[],
): readonly GatherStatus[] {
  const byName = new Map(previous.map((gather) => [gather.name, gather]));
  for (const gather of observed) byName.set(gather.name, advance(byName.get(gather.name), gather));
  return [...byName.values()];
}

function advance(before: GatherStatus | undefined, now: GatherStatus): GatherStatus {
  if (before === undefined) return now;
  if (isFinalGather(before)) return before;
  const isBack = rank(now.phase) < rank(before.phase);
  const [older, newer] = isBack ? [now, before] : [before, now];
  // Reason and message speak of the phase that they came with.
  const { reason: _reason, message: _message, ...known } = older;
  return {
    ...known,
    ...newer,
    ...most('files', before, now),
    ...most('bytes', before, now),
  };
}

function most<F extends 'files' | 'bytes'>(field: F, one: GatherStatus, other: GatherStatus): { [K in F]?: number } {
  const known = [one[field], other[field]].filter((value) => value !== undefined);
  const counts: { [K in F]?: number } = {};
  if (known.length > 0) counts[field] = Math.max(...known);
  return counts;
}

function rank(phase: GatherPhase): number {
  return FINAL.has(phase) ? GATHER_PHASES.length : GATHER_PHASES.indexOf(phase);
}

/**
 * What a gather becomes that did not end while there was time: cancelled, or out of time. `at` is RFC 3339.
 */
export function expire(gather: GatherStatus, cancelled: boolean, at: string): GatherStatus {
  if (isFinalGather(gather)) return gather;
  if (cancelled)
    return { ...gather, phase: 'Cancelled', reason: 'Cancelled', message: 'stopped on request', finishedAt: at };
  const started = gather.phase === 'Running' || gather.phase === 'Packing';
  return {
    ...gather,
    phase: (gather.files ?? 0) > 0 ? 'Partial' : 'Failed',
    reason: gather.reason ?? (started ? 'Timeout' : 'NotStarted'),
    message: gather.message ?? (started ? 'did not end before the deadline' : 'did not start before the deadline'),
    finishedAt: at,
  };
}
