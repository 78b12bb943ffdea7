// What side-effects.ts is told to do.

export type Moment = { readonly when: 'before' | 'after'; readonly effect: string };

/** Whom the kill hits: this process, that of a pid file, or every packer of a pod of this machine. */
export type Victim = 'self' | 'packers' | { readonly pidFile: string };

export type Faults = {
  /** A line for each side effect before it is done, and one for the kill. */
  readonly traceFile: string;
  readonly kill?: { readonly at: Moment; readonly victim: Victim } | undefined;
};

/** The start of the line that a kill writes before it happens. */
export const KILLED = 'killed ';
