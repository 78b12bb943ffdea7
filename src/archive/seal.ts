import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { MusterError } from '../report/errors.ts';
import { destinationError } from './destination-error.ts';
import type { Say } from './entry.ts';
import { writeIndex } from './index-writer.ts';
import { type Laid, openPartRecord, type PartRecord } from './part-record.ts';
import { createPartWriter, membersName, type Part, type PartWriter, recordName } from './part-writer.ts';
import type { IndexedEntry } from './read-archive.ts';
import { packed } from './run-reader.ts';
import { comparePaths, quoteName } from './safe-path.ts';
import { trailerBytes } from './tar-header.ts';

/** A file that no gather wrote. Text in pieces is held in memory; large content belongs into a file. */
export type Generated = {
  readonly path: string;
  readonly content: string | Uint8Array | Iterable<string> | { readonly file: string };
};

export type SealOptions = {
  /** Finished parts, in the order they shall have. */
  readonly parts: readonly Pick<Part, 'directory'>[];
  readonly generated: readonly Generated[];
  readonly destination: string;
  /**
   * Where the archive grows until it is whole: a folder of the caller's, on the destination's file system, which whoever
   * sweeps after a killed process removes. The destination's own folder unless told.
   */
  readonly workDirectory?: string | undefined;
  /** Of the generated files. */
  readonly mtimeMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told when a generated file changes while it is read. */
  readonly say?: Say | undefined;
};

export type SealedArchive = {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly files: number;
  readonly contentBytes: number;
};

/**
 * Makes one archive of parts and generated files: live members in order, tar trailer, index. It has its name only when
 * it is whole and on disk; before, it is a file in `workDirectory`, which is removed when something fails.
 */
export async function sealArchive(options: SealOptions): Promise<SealedArchive> {
  const { destination } = options;
  const { workDirectory = dirname(destination) } = options;
  const partial = join(workDirectory, `${basename(destination)}.partial-${randomBytes(4).toString('hex')}`);
  const generatedDirectory = `${partial}.generated`;
  const records: PartRecord[] = [];
  try {
    const generated = await packGenerated(generatedDirectory, options);
    const directories = [...options.parts.map((part) => part.directory), generated];
    for (const directory of directories) records.push(openPartRecord(join(directory, recordName)));
    const sealed = await laySealed(partial, directories, records, options.signal);
    await rename(partial, destination);
    await syncFolder(dirname(destination));
    return sealed;
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw destinationError(destination, error);
  } finally {
    for (const record of records) record.close();
    // Where the folder itself is no folder there is nothing to remove, and the first error is the one to tell.
    await rm(generatedDirectory, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function packGenerated(directory: string, options: SealOptions): Promise<string> {
  const writer = await createPartWriter({ directory, say: options.say ?? (() => undefined) });
  try {
    for (const generated of options.generated) await addGenerated(writer, generated, options.mtimeMs);
    await writer.finish();
  } finally {
    await writer.close();
  }
  return directory;
}

async function addGenerated(writer: PartWriter, { path, content }: Generated, mtimeMs: number): Promise<void> {
  const add = (sizeBytes: number, bytes: Readable | Uint8Array) =>
    writer.add({ path, type: 'file', sizeBytes, mode: 0o644, mtimeMs }, bytes);
  if (typeof content === 'object' && 'file' in content) {
    const { size } = await stat(content.file);
    // No further than its size now: the report's own log may still grow.
    await add(size, size === 0 ? Buffer.alloc(0) : createReadStream(content.file, { end: size - 1 }));
    return;
  }
  const bytes = content instanceof Uint8Array ? content : Buffer.from([...pieces(content)].join(''));
  await add(bytes.length, bytes);
}

function pieces(content: string | Iterable<string>): Iterable<string> {
  return typeof content === 'string' ? [content] : content;
}

async function laySealed(
  file: string,
  directories: readonly string[],
  records: readonly PartRecord[],
  signal: AbortSignal | undefined,
): Promise<SealedArchive> {
  const handle = await open(file, 'wx', 0o644);
  try {
    const hash = createHash('sha256');
    let position = 0;
    const lay = async (bytes: Buffer) => {
      signal?.throwIfAborted();
      hash.update(bytes);
      position += bytes.length;
      await handle.appendFile(bytes);
    };
    const members: number[] = [];
    /** For each part: offset in the file of each run's first member. */
    const runOffsets: Map<number, number>[] = [];
    for (const [i, record] of records.entries()) {
      runOffsets.push(planPart(record, position, members));
      await layPart(join(directories[i] ?? '', membersName), record, lay);
    }
    members.push(position, trailerBytes);
    await lay(gzipSync(Buffer.alloc(trailerBytes)));
    const totals = { files: 0, contentBytes: 0 };
    await writeIndex(lay, position, mergedEntries(records, runOffsets, totals), members);
    await handle.sync();
    return { sizeBytes: position, sha256: hash.digest('hex'), ...totals };
  } finally {
    await handle.close();
  }
}

function planPart(record: PartRecord, position: number, members: number[]): Map<number, number> {
  const offsets = new Map<number, number>();
  let at = position;
  for (const member of record.members()) {
    if (!offsets.has(member.run)) offsets.set(member.run, at);
    members.push(at, member.rawBytes);
    at += member.packedBytes;
  }
  return offsets;
}

async function layPart(file: string, record: PartRecord, lay: (bytes: Buffer) => Promise<void>): Promise<void> {
  const scratch = Buffer.allocUnsafeSlow(1 << 19);
  const handle = await open(file, 'r');
  try {
    // Members that lie side by side are copied as one.
    let stretch = { position: 0, bytes: 0 };
    const copy = async () => {
      for await (const chunk of packed(handle, stretch.position, stretch.bytes, scratch)) await lay(chunk);
    };
    for (const member of record.members()) {
      if (member.position !== stretch.position + stretch.bytes) {
        await copy();
        stretch = { position: member.position, bytes: 0 };
      }
      stretch.bytes += member.packedBytes;
    }
    await copy();
  } finally {
    await handle.close();
  }
}

type Head = { readonly laid: Iterator<Laid>; readonly offsets: Map<number, number>; next: Laid };

/** Entries of all parts by path's bytes. The same path in two parts throws: each part has a folder of its own. */
function* mergedEntries(
  records: readonly PartRecord[],
  runOffsets: readonly Map<number, number>[],
  totals: { files: number; contentBytes: number },
): Generator<IndexedEntry> {
  let heads: Head[] = records.flatMap((record, i) => headOf(record.entries(), runOffsets[i]));
  let last: string | undefined;
  while (heads.length > 0) {
    const least = heads.reduce((a, b) => (comparePaths(b.next.entry.path, a.next.entry.path) < 0 ? b : a));
    const { entry, run, offset } = least.next;
    if (entry.path === last) throw new MusterError('Internal', `two parts hold ${quoteName(entry.path)}`);
    last = entry.path;
    totals.files += entry.type === 'file' ? 1 : 0;
    totals.contentBytes += entry.sizeBytes;
    yield { ...entry, memberOffset: least.offsets.get(run ?? -1) ?? 0, offsetInMember: offset };
    const next = least.laid.next();
    if (next.done) heads = heads.filter((head) => head !== least);
    else least.next = next.value;
  }
}

function headOf(laid: Iterator<Laid>, offsets: Map<number, number> | undefined): Head[] {
  const next = laid.next();
  return next.done || offsets === undefined ? [] : [{ laid, offsets, next: next.value }];
}

async function syncFolder(folder: string): Promise<void> {
  const handle: FileHandle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
