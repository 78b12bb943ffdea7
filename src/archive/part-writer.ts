import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { MusterError } from '../report/errors.ts';
import { destinationError } from './destination-error.ts';
import type { Content, Entry, Say } from './entry.ts';
import { openMemberFile } from './member-file.ts';
import { openPartRecord, type PartRecord } from './part-record.ts';
import { rescueWornRuns } from './part-rescue.ts';
import { readRun } from './run-reader.ts';
import { createRunWriter, type RunWriter } from './run-writer.ts';
import { quoteName, safePath } from './safe-path.ts';

/** Compression of members, measured against `gzip -6` in docs/archive-format.md. */
export const defaultLevel = 3;
const defaultMemberSizeBytes = 4 << 20;
/** Names of the files of a part. */
export const membersName = 'members';
export const recordName = 'record.db';

export type PartWriterOptions = {
  /** Made when it is not there. Holds the members and the record; a part begun there earlier is carried on. */
  readonly directory: string;
  readonly say: Say;
  /** Of gzip, 1 to 9. */
  readonly level?: number;
  /** Raw bytes of a member. */
  readonly memberSizeBytes?: number;
};

export type PartStats = {
  /** Entries of type file. */
  readonly files: number;
  /** Bytes of their content, before compression. */
  readonly contentBytes: number;
  /** Bytes on disk of the members that live. */
  readonly packedBytes: number;
};

/** A finished part, as `sealArchive` takes it. */
export type Part = PartStats & { readonly directory: string };

export type PartWriter = {
  /**
   * Packs one entry, after those asked for before. An entry with the path of an earlier one replaces it. Content that
   * is too short is filled up with zeros, too long is cut, each with a line; so is what would lie below a file or
   * link, or take the place of a folder with content. False when it was left out; its content then was not touched.
   */
  add(entry: Entry, content?: Content): Promise<boolean>;
  /** Forgets entries; answers with every path that has to be added again, the given ones that were packed included. */
  drop(paths: Iterable<string>): Promise<string[]>;
  /** Forgets entries for good: nothing has to be added again. */
  remove(paths: Iterable<string>): Promise<void>;
  /** An entry that was packed, as it was packed. */
  lookup(path: string): Entry | undefined;
  /** Packed entries at and below a folder (all with ''), in the order of their paths' bytes. */
  entries(folder: string): Iterable<Entry>;
  /** Content of a packed file, also when it is replaced or removed meanwhile. */
  read(path: string): Promise<Readable>;
  stats(): PartStats;
  /** Ends the member that is being filled, and waits until all of them are on disk and in the record. */
  flush(): Promise<void>;
  /**
   * Writes a copy of the record as it is now to a file that is not there yet, also while an entry is being packed: with
   * the members until now it is what `salvagePart` finishes.
   */
  copyRecord(file: string): void;
  /** Everything is on disk when this resolves; no more can be added. */
  finish(): Promise<Part>;
  /** Stops and leaves the directory as it is, to be carried on. */
  close(): Promise<void>;
  /** Stops and removes the directory. */
  discard(): Promise<void>;
};

/** Opens the writer of a part. Calls may overlap; they are served one after the other. */
export async function createPartWriter(options: PartWriterOptions): Promise<PartWriter> {
  const { directory, say } = options;
  const { record, members, nextRun } = await openPart(options).catch((error: unknown) => {
    throw destinationError(directory, error);
  });
  const runs = createRunWriter({ record, members, nextRun, say });
  const inTurn = queue((error) => destinationError(directory, error));
  let open = true;
  let stats: PartStats = record.stats();
  const close = async () => {
    if (!open) return;
    open = false;
    try {
      await runs.settle().catch(() => undefined);
      stats = record.stats();
      record.close();
    } finally {
      await members.close();
    }
  };
  const read = async (path: string) => {
    const laid = record.get(path);
    const target = laid?.entry.type === 'hardlink' ? record.get(laid.entry.linkTarget ?? '') : laid;
    if (target?.run === undefined || target.entry.type !== 'file') {
      throw new MusterError('NotFound', `there is no file ${quoteName(path)} in this part`);
    }
    await runs.flush();
    await runs.settle();
    return readRun(members.handle, [...record.members(target.run)], target.offset, target.entry.sizeBytes);
  };
  return {
    add: (entry, content) => inTurn(() => addEntry(entry, content, record, runs, say)),
    drop: (paths) => inTurn(() => dropEntries(paths, record, runs)),
    remove: (paths) =>
      inTurn(async () => {
        for (const path of paths) record.forget(path);
      }),
    lookup: (path) => record.get(path)?.entry,
    *entries(folder) {
      for (const { entry } of record.entries(folder)) yield entry;
    },
    read: (path) => inTurn(() => read(path)),
    stats: () => (open ? record.stats() : stats),
    flush: () =>
      inTurn(async () => {
        if (!open) return;
        await runs.flush();
        await runs.settle();
        record.commit();
      }),
    copyRecord: (file) => record.copyTo(file),
    finish: () =>
      inTurn(async () => {
        await runs.flush();
        await runs.settle();
        await rescueWornRuns(record, runs, members.handle);
        await runs.flush();
        await layLinks(record, runs, say);
        await runs.flush();
        await runs.settle();
        await members.handle.sync();
        await close();
        return { ...stats, directory };
      }),
    close: () => inTurn(close),
    discard: async () => {
      // What is removed next need not be on disk.
      await close().catch(() => undefined);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function openPart({
  directory,
  level = defaultLevel,
  memberSizeBytes = defaultMemberSizeBytes,
}: PartWriterOptions) {
  await mkdir(directory, { recursive: true });
  const record = openPartRecord(join(directory, recordName));
  try {
    const { nextRun, endPosition } = record.recover();
    record.liftLinks();
    const members = await openMemberFile(join(directory, membersName), { level, memberSizeBytes, endPosition });
    return { record, members, nextRun };
  } catch (error) {
    record.close();
    throw error;
  }
}

/** Runs what it is given one after the other, whatever becomes of each; errors become what `explain` makes of them. */
function queue(explain: (error: unknown) => unknown): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work, work).catch((error: unknown) => {
      throw explain(error);
    });
    last = done.catch(() => undefined);
    return done;
  };
}

async function addEntry(
  entry: Entry,
  content: Content | undefined,
  record: PartRecord,
  runs: RunWriter,
  say: Say,
): Promise<boolean> {
  const clean = safePath(entry.path);
  if (!('path' in clean) || clean.path !== entry.path) {
    throw new MusterError('Internal', `not a clean path: ${quoteName(entry.path)}`);
  }
  const refused = treeRefusal(entry, record);
  if (refused !== undefined) {
    say(`left out ${quoteName(entry.path)}: ${refused}`);
    return false;
  }
  if (entry.type === 'hardlink') record.put({ entry: resolvedLink(entry, record), run: undefined, offset: 0 });
  else await runs.add(entry, content);
  return true;
}

/**
 * Why an entry does not fit to those packed before. No entry lies below a link, so whoever unpacks never writes
 * through one, whatever it points to.
 */
function treeRefusal(entry: Entry, record: PartRecord): string | undefined {
  for (let slash = entry.path.lastIndexOf('/'); slash > 0; slash = entry.path.lastIndexOf('/', slash - 1)) {
    const folder = entry.path.slice(0, slash);
    const type = record.typeOf(folder);
    if (type !== undefined && type !== 'directory') return `${quoteName(folder)} is a ${type}`;
    // A folder that is there was let in itself, with all above it.
    if (type === 'directory') break;
  }
  if (entry.type !== 'directory' && record.hasBelow(entry.path)) return 'a folder with content has this name';
  if (entry.type !== 'hardlink') return undefined;
  const target = record.typeOf(entry.linkTarget ?? '');
  if (target === undefined) return `its link target ${quoteName(entry.linkTarget ?? '')} was not packed`;
  if (target !== 'file' && target !== 'hardlink') return `a hard link to a ${target}`;
  return entry.linkTarget === entry.path ? 'a hard link to itself' : undefined;
}

/** A link to a link is one to where that leads; links lie behind all else, so the order among them is no matter. */
function resolvedLink(entry: Entry, record: PartRecord): Entry {
  const target = record.get(entry.linkTarget ?? '')?.entry;
  const linkTarget = target?.type === 'hardlink' ? target.linkTarget : entry.linkTarget;
  return { ...entry, sizeBytes: 0, linkTarget };
}

async function dropEntries(paths: Iterable<string>, record: PartRecord, runs: RunWriter): Promise<string[]> {
  const again = new Set<string>();
  const forget = (path: string) => {
    again.add(path);
    for (const link of record.linksTo(path)) again.add(link.entry.path);
  };
  await runs.flush();
  for (const path of paths) {
    const laid = record.get(path);
    if (laid === undefined) continue;
    forget(path);
    if (laid.run === undefined) continue;
    for (const mate of record.entriesOf(laid.run)) forget(mate.entry.path);
    await runs.settle();
    record.dropRun(laid.run);
  }
  for (const path of again) record.forget(path);
  record.commit();
  return [...again];
}

async function layLinks(record: PartRecord, runs: RunWriter, say: Say): Promise<void> {
  let after = '';
  for (;;) {
    const links = record.waitingLinksAfter(after);
    for (const { entry } of links) {
      const target = record.get(entry.linkTarget ?? '');
      if (target?.entry.type === 'file') await runs.add(entry, undefined);
      else {
        say(`left out ${quoteName(entry.path)}: its link target ${quoteName(entry.linkTarget ?? '')} is gone`);
        record.forget(entry.path);
      }
    }
    const last = links.at(-1);
    if (last === undefined) return;
    after = last.entry.path;
  }
}
