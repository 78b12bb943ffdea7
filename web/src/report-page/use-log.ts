import { useEffect, useMemo, useRef, useState } from 'react';
import { isOngoing, type Report } from '../reports/report.ts';
import { useReportSource } from '../reports/report-source.ts';
import { RequestFailed } from '../reports/request-failed.ts';
import { pause } from '../time/pause.ts';
import { createLogWindow, type LogWindow } from './log-window.ts';

/** `ended`: nothing more comes. `waiting`: it was cut, and is asked for again. */
type LogState = 'reading' | 'waiting' | 'ended' | Error;

export type FollowedLog = {
  readonly log: LogWindow;
  /** Another number whenever lines came. */
  readonly version: number;
  readonly state: LogState;
};

/** Lines that came meanwhile are shown together. */
const SHOWN_EVERY_MS = 150;
const AGAIN_AFTER_MS = 2000;

/** Reads the log of a report, or of one of its gathers, from its beginning to its end. */
export function useLog(report: Report, gather: string | undefined): FollowedLog {
  const source = useReportSource();
  const isOver = useRef(false);
  isOver.current = !isOngoing(report);
  const { id } = report;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another log has another window
  const log = useMemo(() => createLogWindow(), [source, id, gather]);
  const [version, setVersion] = useState(0);
  const [state, setState] = useState<LogState>('reading');
  useEffect(() => {
    const stop = new AbortController();
    let shown = log.pushes;
    const show = () => {
      if (shown === log.pushes) return;
      shown = log.pushes;
      setVersion((before) => before + 1);
    };
    const timer = setInterval(show, SHOWN_EVERY_MS);
    const tell = (next: LogState) => {
      if (stop.signal.aborted) return;
      show();
      setState(next);
    };
    void follow({ open: () => source.log(id, gather, stop.signal), log, isOver, tell, signal: stop.signal });
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [source, id, gather, log]);
  return { log, version, state };
}

type Following = {
  readonly open: () => AsyncIterable<string>;
  readonly log: LogWindow;
  readonly isOver: { readonly current: boolean };
  readonly tell: (state: LogState) => void;
  readonly signal: AbortSignal;
};

/** Reads until the end, beginning again each time that the stream is cut. */
async function follow(following: Following): Promise<void> {
  const { log, tell, signal } = following;
  while (!signal.aborted) {
    tell('reading');
    const state = await readOnce(following);
    // A last line may have no end.
    if (state === 'ended') log.push('\n');
    tell(state);
    if (state !== 'waiting') return;
    await pause(AGAIN_AFTER_MS, signal);
    log.restart();
  }
}

async function readOnce({ open, log, isOver }: Following): Promise<LogState> {
  try {
    for await (const text of open()) log.push(text);
    // A service that goes away ends the stream as well.
    return isOver.current ? 'ended' : 'waiting';
  } catch (error) {
    return error instanceof RequestFailed && !error.isPassing ? error : 'waiting';
  }
}
