import { outputFolder } from '../gather/service-log.ts';
import { readStoredLog } from '../gather/stored-log.ts';
import { realTimers, sleep } from '../kube/timers.ts';
import type { LogQuery } from '../report/rest-files.ts';
import type { Store } from '../store/store.ts';

/** Between two looks at a log that grows; lines reach the store every second. */
const LOOK_EVERY_MS = 1000;

export type StoredLines = {
  readonly store: Store;
  readonly reportUid: string;
  /** Whether more may come. */
  readonly isOver: () => boolean;
};

/** A report's log out of the store, whole lines, as they come; of one gather where the query names it. */
export async function* storedLines(
  { store, reportUid, isOver }: StoredLines,
  { gather, follow }: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let at = 0;
  let rest = '';
  for (;;) {
    signal.throwIfAborted();
    // Asked before the log is read: what was written until the end is then in it.
    const wasOver = isOver();
    for await (const chunk of readStoredLog(store, outputFolder(reportUid), at)) {
      signal.throwIfAborted();
      at += chunk.length;
      const text = rest + decoder.decode(chunk, { stream: true });
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      const lines = ofGather(text.slice(0, end), gather);
      if (lines !== '') yield lines;
    }
    if (wasOver || !follow) return;
    await sleep(realTimers, LOOK_EVERY_MS, signal);
  }
}

function ofGather(lines: string, gather: string | undefined): string {
  if (gather === undefined) return lines;
  return (lines.match(/^.*\n/gm) ?? []).filter((line) => /^\[(\S+) *\]/.exec(line)?.[1] === gather).join('');
}
