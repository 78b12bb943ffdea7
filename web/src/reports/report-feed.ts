import type { Report } from './report.ts';
import type { Liveness, ReportList } from './report-source.ts';

/** Of EventSource, what the feed needs. */
type Events = {
  addEventListener(type: string, listener: (event: { readonly data?: string }) => void): void;
  close(): void;
  readonly readyState: number;
};

export type FeedOptions = {
  readonly open: () => Events;
  /** Asked when the stream was refused, not merely cut: why that is. Resolves when it is worth another try. */
  readonly onRefused: () => Promise<void>;
  readonly setTimeout: (run: () => void, delayMs: number) => unknown;
};

export type ReportFeed = {
  subscribe(changed: () => void): () => void;
  snapshot(): ReportList;
};

const CLOSED = 2;
const AGAIN_AFTER_MS = 2000;
/** Changes of so long are shown at once: a burst of 10,000 reports is one rendering. */
const GATHER_FOR_MS = 50;

/**
 * All reports by `/events`, which begins with every report on each connection: what was not told again before `synced` is
 * gone. Open while somebody subscribes.
 */
export function createReportFeed({ open, onRefused, setTimeout }: FeedOptions): ReportFeed {
  const listeners = new Set<() => void>();
  let known = new Map<number, Report>();
  let liveness: Liveness = 'loading';
  let current: ReportList = { reports: [], liveness };
  let events: Events | undefined;
  let isDue = false;

  const publish = () => {
    isDue = false;
    const reports = [...known.values()].sort((a, b) => b.id - a.id);
    current = { reports, liveness };
    for (const changed of listeners) changed();
  };
  const publishSoon = () => {
    if (isDue) return;
    isDue = true;
    setTimeout(publish, GATHER_FOR_MS);
  };
  const connect = () => {
    if (listeners.size === 0) return;
    const stream = open();
    events = stream;
    let told: Map<number, Report> | undefined = new Map();
    const isCurrent = () => events === stream;
    stream.addEventListener('open', () => {
      told = new Map();
    });
    stream.addEventListener('report', ({ data = '' }) => {
      const report = JSON.parse(data) as Report;
      (told ?? known).set(report.id, report);
      if (told === undefined) publishSoon();
    });
    stream.addEventListener('gone', ({ data = '' }) => {
      const { id } = JSON.parse(data) as { id: number };
      (told ?? known).delete(id);
      if (told === undefined) publishSoon();
    });
    stream.addEventListener('synced', () => {
      if (!isCurrent()) return;
      known = told ?? known;
      told = undefined;
      liveness = 'live';
      publish();
    });
    stream.addEventListener('error', () => {
      if (!isCurrent()) return;
      if (liveness === 'live') liveness = 'reconnecting';
      publish();
      // The browser connects again by itself, unless the answer was a refusal.
      if (stream.readyState !== CLOSED) return;
      const again = () => setTimeout(connect, AGAIN_AFTER_MS);
      onRefused().then(again, again);
    });
  };
  return {
    snapshot: () => current,
    subscribe: (changed) => {
      listeners.add(changed);
      if (events === undefined) connect();
      return () => {
        listeners.delete(changed);
        if (listeners.size > 0) return;
        events?.close();
        events = undefined;
      };
    },
  };
}
