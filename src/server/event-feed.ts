import { realTimers, type Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import { restReport } from '../report/rest-report.ts';
import type { ReportChange, Reports } from './reports.ts';

export type EventOptions = {
  /** Every report first, as it is now. */
  readonly burst: boolean;
  /** Called when the client is too slow: nothing more is kept for it. */
  readonly cut: (reason: MusterError) => void;
};

export type EventFeed = {
  /** How many clients there are now. */
  clients(): number;
  /** Server-sent events for one client. Ends when changes can no longer be heard of; rejects with the signal's reason. */
  events(options: EventOptions, signal: AbortSignal): AsyncGenerator<string>;
};

export type EventFeedOptions = {
  readonly reports: Pick<Reports, 'list' | 'changes'>;
  readonly timers?: Timers;
};

/** A client takes what it is given within this time, or is let go. */
const TAKES_WITHIN_MS = 30_000;
/** With so many changed reports before it a client has it better to begin again with a burst. */
const MOST_PENDING = 1000;

/** A change as it is told; its text is made once for all clients. */
type Told = { readonly id: number; text(): string };

type Client = {
  /** Which reports changed since the client was told, each once. */
  readonly pending: Map<number, Told>;
  readonly cut: EventOptions['cut'];
  wake: () => void;
  ended?: { readonly error: unknown };
};

/**
 * Hears of changes to reports while anybody wants to know, once for all clients. For each client it keeps which reports
 * changed, not what was to be said of each change: what is held does not grow with how much happens.
 */
export function createEventFeed({ reports, timers = realTimers }: EventFeedOptions): EventFeed {
  const clients = new Set<Client>();
  let listening: AbortController | undefined;

  const listen = async (own: AbortController) => {
    let failure: unknown;
    try {
      for await (const change of reports.changes(own.signal)) tellAll(clients, toldOf(change));
    } catch (error) {
      failure = error;
    }
    if (listening !== own) return;
    listening = undefined;
    for (const client of clients) {
      client.ended = { error: failure };
      client.wake();
      // One answer that breaks off tells the log why; the others just end, and all clients come again.
      failure = undefined;
    }
  };
  const join = (client: Client) => {
    clients.add(client);
    if (listening !== undefined) return;
    listening = new AbortController();
    void listen(listening);
  };
  const leave = (client: Client) => {
    clients.delete(client);
    if (clients.size > 0) return;
    const own = listening;
    listening = undefined;
    own?.abort(new MusterError('Interrupted', 'Nobody listens any more.'));
  };
  const events = async function* ({ burst, cut }: EventOptions, signal: AbortSignal) {
    const client: Client = { pending: new Map(), cut, wake: () => undefined };
    join(client);
    try {
      yield ': muster\n\n';
      if (burst) yield* burstOf(reports);
      yield* news(client, signal);
    } finally {
      leave(client);
    }
  };
  return {
    clients: () => clients.size,
    events: (options, signal) => withPace(events(options, signal), () => options.cut(tooSlow()), timers),
  };
}

function tellAll(clients: Iterable<Client>, told: Told | undefined): void {
  if (told === undefined) return;
  for (const { pending, cut, wake } of clients) {
    // A report that changed again goes to the end: what is told last is what is true last.
    pending.delete(told.id);
    pending.set(told.id, told);
    if (pending.size > MOST_PENDING) {
      pending.clear();
      cut(tooSlow());
    } else wake();
  }
}

/** Every report as it is now, by number, then `synced`: who comes again learns what is gone by what was not told. */
function* burstOf(reports: Pick<Reports, 'list'>): Generator<string> {
  const all = [...reports.list()].sort((one, other) => (one.status?.id ?? 0) - (other.status?.id ?? 0));
  for (const report of all) {
    const told = toldOf({ type: 'report', report });
    if (told !== undefined) yield told.text();
  }
  yield message('synced', {});
}

async function* news(client: Client, signal: AbortSignal): AsyncGenerator<string> {
  const { pending } = client;
  signal.addEventListener('abort', () => client.wake(), { once: true });
  for (;;) {
    signal.throwIfAborted();
    const { ended } = client;
    if (ended?.error !== undefined) throw ended.error;
    const [next] = pending.values();
    if (next !== undefined) {
      pending.delete(next.id);
      yield next.text();
    } else if (ended !== undefined) return;
    else {
      await new Promise<void>((resolve) => {
        client.wake = resolve;
      });
    }
  }
}

/** Passes texts on; `onSlow` when the reader does not come for the next in time. */
async function* withPace(texts: AsyncIterable<string>, onSlow: () => void, timers: Timers): AsyncGenerator<string> {
  for await (const text of texts) {
    const callOff = timers.after(TAKES_WITHIN_MS, onSlow);
    try {
      yield text;
    } finally {
      callOff();
    }
  }
}

/** A report without a number cannot be asked for yet: it is told when it has one. */
function toldOf({ type, report }: ReportChange): Told | undefined {
  const id = report.status?.id;
  if (id === undefined) return undefined;
  let text: string | undefined;
  const make = () => (type === 'gone' ? message('gone', { id }) : message('report', restReport(report, '')));
  return {
    id,
    text() {
      text ??= make();
      return text;
    },
  };
}

/** JSON has no line breaks of its own, so one `data` line holds it (HTML, 9.2.6). */
const message = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const tooSlow = () => new MusterError('Interrupted', 'The client does not take its events.');
