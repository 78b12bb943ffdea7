export type GateOptions = {
  /** Throws as long as no report may be worked on, and says why. Without, nothing ever stands in the way. */
  readonly require: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Reports may be worked on from now on: those that waited want to be looked at. */
  readonly onOpen: () => void;
  readonly log: (level: 'info' | 'warn', message: string, report?: undefined, error?: unknown) => void;
};

/** Whether reports may be worked on, as of the last look. */
export type Gate = {
  isOpen(): boolean;
  /** Asks anew. `stopped` ends it without a word, and leaves all as it is. */
  look(stopped: AbortSignal): Promise<void>;
};

const LOOK_WITHIN_MS = 10_000;

/** Is shut until a first look finds that it may open. A line in the log tells of each time that reports wait, and of its end. */
export function createGate({ require, onOpen, log }: GateOptions): Gate {
  let state: 'unknown' | 'open' | 'shut' = require === undefined ? 'open' : 'unknown';
  return {
    isOpen: () => state === 'open',
    look: async (stopped) => {
      const before = state;
      try {
        await require?.(AbortSignal.any([stopped, AbortSignal.timeout(LOOK_WITHIN_MS)]));
      } catch (error) {
        if (stopped.aborted) return;
        state = 'shut';
        if (before !== 'shut') log('warn', 'reports wait', undefined, error);
        return;
      }
      state = 'open';
      if (before === 'shut') log('info', 'reports wait no more');
      if (before !== 'open') onOpen();
    },
  };
}
