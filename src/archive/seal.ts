import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

import { destinationError } from './destination-error.ts';
import type { Say } from './entry.ts';
import { layArchive } from './lay-archive.ts';
import { openPartRecord, type PartRecord } from './part-record.ts';
import { createPartWriter, membersName, type Part, type PartWriter, recordName } from './part-writer.ts';
import { packed } from './run-reader.ts';

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

/** Packs the files that no gather wrote into a part of their own, in `directory`. */
export async function packGenerated(
  directory: string,
  options: Pick<SealOptions, 'generated' | 'mtimeMs' | 'say'>,
): Promise<string> {
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
  const parts = await openAll(directories.map((directory) => join(directory, membersName)));
  try {
    const handle = await open(file, 'wx', 0o644);
    try {
      const sealed = await writePieces(handle, parts, records, signal);
      await handle.sync();
      return sealed;
    } finally {
      await handle.close();
    }
  } finally {
    await Promise.all(parts.map((part) => part.close()));
  }
}

async function writePieces(
  handle: FileHandle,
  parts: readonly FileHandle[],
  records: readonly PartRecord[],
  signal: AbortSignal | undefined,
): Promise<SealedArchive> {
  const scratch = Buffer.allocUnsafeSlow(1 << 19);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const lay = async (bytes: Buffer) => {
    signal?.throwIfAborted();
    hash.update(bytes);
    sizeBytes += bytes.length;
    await handle.appendFile(bytes);
  };
  const pieces = layArchive(records);
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return { sizeBytes, sha256: hash.digest('hex'), ...value };
    const part = 'part' in value ? parts[value.part] : undefined;
    if ('bytes' in value) await lay(value.bytes);
    else if (part === undefined) throw new Error(`there is no part ${value.part}`);
    else for await (const chunk of packed(part, value.start, value.end - value.start, scratch)) await lay(chunk);
  }
}

async function openAll(files: readonly string[]): Promise<FileHandle[]> {
  const opened: FileHandle[] = [];
  try {
    for (const file of files) opened.push(await open(file, 'r'));
    return opened;
  } catch (error) {
    await Promise.all(opened.map((handle) => handle.close()));
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle: FileHandle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
