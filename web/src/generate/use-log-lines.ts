import { useEffect, useRef, useState } from 'react';
import { isOngoing, type Report } from '../reports/report.ts';
import { type ReportSource, useReportSource } from '../reports/report-source.ts';
import { pause } from '../time/pause.ts';

export type LogLines = { readonly lines: readonly string[]; readonly isCut: boolean };

/** What a person reads in a dialog; the whole log is on the report's page. */
const MOST_LINES = 2000;
const SHOW_EVERY_MS = 200;
const AGAIN_AFTER_MS = 2000;

/** The last lines of a report's log, as they come. A stream that was cut begins again until the report has ended. */
export function useLogLines(report: Report): LogLines {
  const source = useReportSource();
  const [shown, setShown] = useState<LogLines>({ lines: [], isCut: false });
  const isOver = useRef(false);
  isOver.current = !isOngoing(report);
  const { id } = report;
  useEffect(() => {
    const stop = new AbortController();
    let current: LogLines = { lines: [], isCut: false };
    const timer = setInterval(() => setShown(current), SHOW_EVERY_MS);
    const read = async () => {
      while (!stop.signal.aborted) {
        const isWhole = await readOnce(source, id, stop.signal, (lines) => {
          current = lines;
        });
        if (isWhole && isOver.current) return;
        await pause(AGAIN_AFTER_MS, stop.signal);
      }
    };
    void read();
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [source, id]);
  return shown;
}

/** True when the stream came to its end by itself. What was shown stays until the new stream brings something. */
async function readOnce(
  source: ReportSource,
  id: number,
  signal: AbortSignal,
  show: (lines: LogLines) => void,
): Promise<boolean> {
  let lines: string[] = [];
  let rest = '';
  let isCut = false;
  try {
    for await (const text of source.log(id, undefined, signal)) {
      const parts = `${rest}${text}`.split('\n');
      rest = parts.pop() ?? '';
      // Empty ones come while nothing else does, so that no proxy cuts the stream.
      lines = [...lines, ...parts.filter((line) => line !== '')];
      if (lines.length > MOST_LINES) {
        lines = lines.slice(-MOST_LINES);
        isCut = true;
      }
      show({ lines, isCut });
    }
    return true;
  } catch {
    // The dialog tells that the service is away; the log is asked for again.
    return false;
  }
}
