import type { GatherStatus } from '../report/status.ts';

/** How far the run of a report is, in this process. */
export type RunState<Outcome> =
  | { readonly stage: 'running' }
  | { readonly stage: 'done'; readonly outcome: Outcome }
  | { readonly stage: 'failed'; readonly error: unknown };

/** One report's run in this process. */
export type ReportRun<Outcome> = {
  readonly state: () => RunState<Outcome>;
  /** What is known of its gathers since it began here. */
  readonly gathers: () => GatherStatus[];
  /** Asks it to stop in order. May be called often. */
  readonly cancel: () => void;
};

export type RunSignals = {
  readonly cancel: AbortSignal;
  readonly letGo: AbortSignal;
  readonly onGather: (status: GatherStatus) => void;
};

/** The runs of this process, by the report's UID: each report has one at most. */
export type Runs<Outcome> = {
  /** The report's run, which `start` begins where there is none. */
  ensure(uid: string, start: (signals: RunSignals) => Promise<Outcome>, onChange: () => void): ReportRun<Outcome>;
  /** Whether it has one. */
  has(uid: string): boolean;
  /** Forgets a run that has ended, so that `ensure` begins anew. */
  forget(uid: string): void;
  /** Lets go of a run and waits until it has; none is no error. */
  letGo(uid: string): Promise<void>;
  letGoOfAll(): Promise<void>;
};

type Held<Outcome> = ReportRun<Outcome> & { readonly release: AbortController; readonly ended: Promise<void> };

export function createRuns<Outcome>(): Runs<Outcome> {
  const held = new Map<string, Held<Outcome>>();

  const begin = (start: (signals: RunSignals) => Promise<Outcome>, onChange: () => void): Held<Outcome> => {
    const cancel = new AbortController();
    const release = new AbortController();
    const gathers = new Map<string, GatherStatus>();
    let state: RunState<Outcome> = { stage: 'running' };
    const onGather = (status: GatherStatus) => {
      const before = gathers.get(status.name);
      gathers.set(status.name, status);
      // Counts move all the time; whoever writes them comes by on their own.
      if (before?.phase !== status.phase) onChange();
    };
    const run = async () => {
      try {
        state = {
          stage: 'done',
          outcome: await start({ cancel: cancel.signal, letGo: release.signal, onGather }),
        };
      } catch (error) {
        state = { stage: 'failed', error };
      }
      onChange();
    };
    return {
      state: () => state,
      gathers: () => [...gathers.values()],
      cancel: () => cancel.abort(new Error('cancelled')),
      release,
      ended: run(),
    };
  };
  const letGo = async (uid: string) => {
    const run = held.get(uid);
    run?.release.abort(new Error('this process lets go of the report'));
    await run?.ended;
    if (held.get(uid) === run) held.delete(uid);
  };
  return {
    ensure: (uid, start, onChange) => {
      const found = held.get(uid) ?? begin(start, onChange);
      held.set(uid, found);
      return found;
    },
    has: (uid) => held.has(uid),
    forget: (uid) => {
      held.delete(uid);
    },
    letGo,
    letGoOfAll: async () => {
      await Promise.all([...held.keys()].map(letGo));
    },
  };
}
