import type { Phase } from './status.ts';

/** How `muster gather` ends, by what became of the report. Bad input (2) never becomes a report. */
const EXIT_CODES: Readonly<Partial<Record<Phase, number>>> = { Completed: 0, Failed: 1, Partial: 4, Cancelled: 130 };

/** 0 complete, 4 partial (the archive is there), 130 interrupted, 1 failed or not at its end. */
export function exitCodeOf(phase: Phase): number {
  return EXIT_CODES[phase] ?? 1;
}
