import { describe, expect, it } from 'vitest';
import { createReportFeed } from './report-feed.ts';

/** An EventSource that says what the test wants. */
function createStream() {
  const listeners = new Map<string, (event: { data?: string }) => void>();
  return {
    readyState: 1,
    isClosed: false,
    addEventListener(type: string, listener: (event: { data?: string }) => void) {
      listeners.set(type, listener);
    },
    close() {
      this.isClosed = true;
    },
    tell(type: string, value: unknown = {}) {
      listeners.get(type)?.({ data: JSON.stringify(value) });
    },
  };
}

function startFeed({ onRefused = async () => undefined }: { onRefused?: () => Promise<void> } = {}) {
  const streams: ReturnType<typeof createStream>[] = [];
  const due: (() => void)[] = [];
  const feed = createReportFeed({
    open: () => {
      const stream = createStream();
      streams.push(stream);
      return stream;
    },
    onRefused,
    setTimeout: (run) => due.push(run),
  });
  let changes = 0;
  const leave = feed.subscribe(() => {
    changes += 1;
  });
  const stream = () => {
    const last = streams.at(-1);
    if (last === undefined) throw new Error('nothing is open');
    return last;
  };
  const runDue = () => {
    for (const run of due.splice(0)) run();
  };
  const ids = () => feed.snapshot().reports.map(({ id }) => id);
  return { feed, streams, stream, runDue, ids, leave, changes: () => changes };
}

describe('the feed of reports', () => {
  it('shows nothing before all are told, then the newest first, in one change', () => {
    const { feed, stream, ids, changes } = startFeed();
    expect(feed.snapshot().liveness).toBe('loading');
    for (let id = 1; id <= 10_000; id += 1) stream().tell('report', { id });
    expect([ids().length, changes()]).toEqual([0, 0]);
    stream().tell('synced');
    expect([ids().length, ids()[0], changes()]).toEqual([10_000, 10_000, 1]);
    expect(feed.snapshot().liveness).toBe('live');
  });

  it('shows changes together', () => {
    const { stream, ids, changes, runDue } = startFeed();
    stream().tell('synced');
    stream().tell('report', { id: 1 });
    stream().tell('report', { id: 2 });
    stream().tell('gone', { id: 1 });
    expect([ids(), changes()]).toEqual([[], 1]);
    runDue();
    expect([ids(), changes()]).toEqual([[2], 2]);
  });

  it('keeps what it knows while it reconnects, and forgets what is not told again', () => {
    const { feed, stream, ids, streams } = startFeed();
    stream().tell('open');
    stream().tell('report', { id: 1 });
    stream().tell('report', { id: 2 });
    stream().tell('synced');
    // The browser connects again by itself, over the same object.
    stream().tell('error');
    expect([feed.snapshot().liveness, ids()]).toEqual(['reconnecting', [2, 1]]);
    stream().tell('open');
    stream().tell('report', { id: 2 });
    expect(ids()).toEqual([2, 1]);
    stream().tell('synced');
    expect([feed.snapshot().liveness, ids(), streams.length]).toEqual(['live', [2], 1]);
  });

  it('asks why it was refused, and then tries again', async () => {
    const asked: string[] = [];
    const { stream, streams, runDue } = startFeed({
      onRefused: async () => {
        asked.push('why');
      },
    });
    stream().readyState = 2;
    stream().tell('error');
    await Promise.resolve();
    await Promise.resolve();
    runDue();
    expect([asked, streams.length]).toEqual([['why'], 2]);
  });

  it('closes when nobody looks any more, and begins anew for who comes', () => {
    const { feed, stream, streams, leave } = startFeed();
    leave();
    expect(stream().isClosed).toBe(true);
    feed.subscribe(() => undefined);
    expect(streams.length).toBe(2);
  });
});
