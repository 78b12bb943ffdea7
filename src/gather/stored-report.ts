import { Readable } from 'node:stream';
import type { EventRow } from '../inspect/event-rows.ts';
import { MusterError } from '../report/errors.ts';
import type { GatherStatus } from '../report/status.ts';
import type { Store } from '../store/store.ts';
import { partFolder } from './stored-part.ts';

/** How a gather ended, for whoever takes the report over: written when all that is kept of it is in the store. */
export type GatherOutcomeNote = {
  readonly status: GatherStatus;
  /** Its part is in the store. */
  readonly hasPart: boolean;
  /** Where its log stands in the archive, when the part does not have it: it is in the store then, beside the part. */
  readonly logPath?: string | undefined;
};

/** The small things that the service keeps of a report beside its parts, so that another process can go on with it. */
export type ReportNotes = {
  /** The archive's top folder: what was said first, by whomever. */
  topName(propose: () => Promise<string>): Promise<string>;
  /** The folder in the archive of a gather: what was said first. */
  folder(gatherName: string, propose: (taken: ReadonlySet<string>) => string): Promise<string>;
  outcome(gatherName: string): Promise<GatherOutcomeNote | undefined>;
  setOutcome(gatherName: string, note: GatherOutcomeNote): Promise<void>;
  events(gatherName: string): AsyncGenerator<EventRow>;
  setEvents(gatherName: string, rows: readonly EventRow[]): Promise<void>;
};

export function reportNotes(store: Store, reportUid: string, gatherNames: readonly string[]): ReportNotes {
  const folderKey = (gatherName: string) => `${partFolder(reportUid, gatherName)}/folder`;
  const outcomeKey = (gatherName: string) => `${partFolder(reportUid, gatherName)}/outcome`;
  const eventsKey = (gatherName: string) => `${partFolder(reportUid, gatherName)}/events`;
  const first = async (key: string, propose: () => string | Promise<string>): Promise<string> => {
    const before = await readNote(store, key);
    if (before !== undefined) return before;
    const said = await propose();
    await store.put(key, Readable.from([Buffer.from(said)]));
    return said;
  };
  // One after the other: two gathers of one image must not get the same folder.
  let naming: Promise<unknown> = Promise.resolve();
  const nameFolder = async (gatherName: string, propose: (taken: ReadonlySet<string>) => string) => {
    const taken = new Set<string>();
    for (const other of gatherNames) {
      const folder = other === gatherName ? undefined : await readNote(store, folderKey(other));
      if (folder !== undefined) taken.add(folder);
    }
    return await first(folderKey(gatherName), () => propose(taken));
  };
  return {
    topName: (propose) => first(`parts/${reportUid}/top-name`, propose),
    folder: (gatherName, propose) => {
      const named = naming.then(() => nameFolder(gatherName, propose));
      naming = named.catch(() => undefined);
      return named;
    },
    outcome: async (gatherName) => {
      const note = await readNote(store, outcomeKey(gatherName));
      return note === undefined ? undefined : (JSON.parse(note) as GatherOutcomeNote);
    },
    setOutcome: async (gatherName, note) => {
      await store.put(outcomeKey(gatherName), Readable.from([Buffer.from(JSON.stringify(note))]));
    },
    events: (gatherName) => readRows(store, eventsKey(gatherName)),
    setEvents: async (gatherName, rows) => {
      const lines = rows.values().map((row) => Buffer.from(`${JSON.stringify(row)}\n`));
      await store.put(eventsKey(gatherName), Readable.from(lines));
    },
  };
}

async function readNote(store: Store, key: string): Promise<string | undefined> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of await store.read(key)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  } catch (error) {
    if (error instanceof MusterError && error.code === 'NotFound') return undefined;
    throw error;
  }
}

async function* readRows(store: Store, key: string): AsyncGenerator<EventRow> {
  let source: AsyncIterable<Buffer>;
  try {
    source = await store.read(key);
  } catch (error) {
    if (error instanceof MusterError && error.code === 'NotFound') return;
    throw error;
  }
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as EventRow;
  }
  if (rest !== '') yield JSON.parse(rest) as EventRow;
}
