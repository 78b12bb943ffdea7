import { isFinalGather } from './gather-lifecycle.ts';
import type { GatherStatus, Phase, Progress } from './status.ts';

type ProgressFacts = {
  readonly phase: Phase;
  readonly gathers: readonly GatherStatus[];
  readonly ready: boolean;
  readonly elapsedMs?: number | undefined;
  readonly expectedMs?: number | undefined;
  readonly previous: Progress | undefined;
};

/** How far a report is. Never less than before; 100 when the archive can be fetched, and not before. */
export function nextProgress(facts: ProgressFacts): Progress {
  const { gathers, previous } = facts;
  const sum = (field: 'files' | 'bytes') => gathers.reduce((total, gather) => total + (gather[field] ?? 0), 0);
  const percent = percentOf(facts);
  return {
    ...(percent === undefined ? {} : { percent }),
    step: stepOf(facts),
    files: Math.max(sum('files'), previous?.files ?? 0),
    bytes: Math.max(sum('bytes'), previous?.bytes ?? 0),
  };
}

function percentOf({ ready, elapsedMs, expectedMs, previous }: ProgressFacts): number | undefined {
  if (ready) return 100;
  const before = previous?.percent;
  if (elapsedMs === undefined || expectedMs === undefined || !(expectedMs > 0)) return before;
  const now = Math.min(99, Math.max(0, Math.floor((100 * elapsedMs) / expectedMs)));
  return Math.max(now, before ?? 0);
}

const STEPS: Readonly<Record<Exclude<Phase, 'Gathering'>, string>> = {
  New: 'waiting to start',
  Packing: 'packing',
  Completed: 'ready',
  Partial: 'ready, but incomplete',
  Failed: 'failed',
  Cancelled: 'cancelled',
};

function stepOf({ phase, gathers }: ProgressFacts): string {
  if (phase !== 'Gathering') return STEPS[phase];
  return `gathering: ${gathers.filter(isFinalGather).length} of ${gathers.length} ended`;
}
