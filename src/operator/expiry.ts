import { durationMs } from '../report/duration.ts';
import type { Spec } from '../report/spec.ts';
import type { Phase } from '../report/status.ts';

const HOUR_MS = 3_600_000;
/** Unset: a day for what has an archive to fetch, half a day for what only tells of a failure (design, The journey). */
const KEPT_MS: Readonly<Partial<Record<Phase, number>>> = {
  Completed: 24 * HOUR_MS,
  Partial: 24 * HOUR_MS,
  Failed: 12 * HOUR_MS,
  Cancelled: 12 * HOUR_MS,
};

/** When a report that ended is deleted, in milliseconds since 1970; `undefined` for never. */
export function expiresAtMs({ deleteAfter }: Spec, phase: Phase, finishedAtMs: number): number | undefined {
  if (deleteAfter === 'never') return undefined;
  const keptMs = deleteAfter === undefined ? KEPT_MS[phase] : durationMs(deleteAfter);
  return keptMs === undefined ? undefined : finishedAtMs + keptMs;
}
