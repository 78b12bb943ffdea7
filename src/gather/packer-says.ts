import type { Say } from '../archive/entry.ts';

/** Most lines in one request, and the longest one: what the server takes (ingest-routes.ts). */
const MOST_LINES = 1000;
const LONGEST_LINE = 1000;
/** Lines that wait; a gather with more to say is told in short. */
const MOST_WAITING = 10_000;

/** Lines for the gather's log, on their way to the server. */
export type PackerSays = {
  readonly say: Say;
  /** The lines that come next. The same ones again until they are taken. */
  next(): readonly string[];
  /** Whether more wait than one request takes. */
  isMuch(): boolean;
  /** They have arrived. */
  taken(lines: readonly string[]): void;
};

export function createPackerSays(): PackerSays {
  const waiting: string[] = [];
  let untold = 0;
  return {
    say(line) {
      if (waiting.length >= MOST_WAITING) untold += 1;
      else waiting.push(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line);
    },
    next() {
      if (untold > 0 && waiting.length < MOST_LINES) {
        waiting.push(`${untold} more lines are left out here`);
        untold = 0;
      }
      return waiting.slice(0, MOST_LINES);
    },
    isMuch: () => waiting.length > MOST_LINES,
    taken: ({ length }) => void waiting.splice(0, length),
  };
}
