import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { destinationError } from '../archive/destination-error.ts';
import { MusterError } from '../report/errors.ts';
import { rangeWithin, refuseOther } from './check-bytes.ts';
import { checkKey } from './object-key.ts';
import { watchSpace } from './space-guard.ts';
import type { ByteRange, Digest, Piece, PutOptions, Store, StoredObject } from './store.ts';
import { untilAborted } from './until-aborted.ts';

const scratchBytes = 1024 * 1024;

export type DirectoryStoreOptions = {
  /** Temporary files not written to since then are a killed process's, and are removed (milliseconds since 1970). */
  readonly sweepBeforeMs: number;
  /** What is written is refused (`DestinationFailed`) before it leaves less free than this; 0 unless told. */
  readonly reserveBytes?: number | undefined;
  /** Of this process, and of others before it, but of none beside it: what it finds half written of them is removed. */
  readonly owner?: string | undefined;
};

/** A store in a directory: objects under `objects/`, what is being written under `temporary/`. */
export async function openDirectoryStore(directory: string, options: DirectoryStoreOptions): Promise<Store> {
  const root = resolve(directory);
  const objects = join(root, 'objects');
  const temporary = join(root, 'temporary');
  const { owner = randomBytes(8).toString('hex') } = options;
  const pathOf = (key: string): string => {
    checkKey(key);
    return join(objects, key);
  };
  try {
    await mkdir(objects, { recursive: true });
    await mkdir(temporary, { recursive: true });
    await sweep(temporary, (name, atMs) => name.startsWith(`${owner}.`) || atMs < options.sweepBeforeMs);
  } catch (error) {
    throw destinationError(root, error);
  }

  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(objects);
    return bavail * bsize;
  };
  const space = { place: root, freeBytes, reserveBytes: options.reserveBytes ?? 0 };

  async function lay(key: string, bytes: AsyncIterable<Uint8Array>, options: PutOptions): Promise<Digest> {
    const path = pathOf(key);
    const partial = join(temporary, `${owner}.${randomBytes(8).toString('hex')}`);
    try {
      const watched = watchSpace(bytes, { ...space, expectedBytes: options.expected?.sizeBytes });
      const digest = await writeSynced(partial, watched, options.signal);
      refuseOther(key, digest, options.expected);
      await mkdir(dirname(path), { recursive: true });
      await rename(partial, path);
      await syncFolders(dirname(path), root);
      return digest;
    } catch (error) {
      // The first error is the one to tell; what stays here the next start sweeps.
      await rm(partial, { force: true }).catch(() => undefined);
      throw destinationError(path, error);
    }
  }

  async function read(key: string, range?: ByteRange): Promise<Readable> {
    const { file, sizeBytes } = await openObject(key, pathOf(key));
    try {
      const { start, end } = rangeWithin(key, sizeBytes, range);
      if (start < end) return file.createReadStream({ start, end: end - 1 });
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return Readable.from([]);
  }

  /** Each chunk is of the same memory, and is over when the next one is asked for. */
  async function* readPieces(pieces: AsyncIterable<Piece>): AsyncGenerator<Uint8Array> {
    const scratch = Buffer.allocUnsafe(scratchBytes);
    let opened: OpenObject | undefined;
    try {
      for await (const piece of pieces) {
        if ('bytes' in piece) {
          yield piece.bytes;
          continue;
        }
        if (opened?.key !== piece.key) {
          await opened?.file.close();
          opened = undefined;
          opened = await openObject(piece.key, pathOf(piece.key));
        }
        yield* readStretch(opened, rangeWithin(piece.key, opened.sizeBytes, piece.range), scratch);
      }
    } finally {
      await opened?.file.close();
    }
  }

  async function list(folder: string): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    for await (const path of filesBelow(folder === '' ? objects : pathOf(folder))) {
      const stats = await stat(path).catch(ignoreGone);
      if (stats) found.push({ key: relative(objects, path), sizeBytes: stats.size, storedAtMs: stats.mtimeMs });
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  return {
    put: (key, bytes, options = {}) => lay(key, untilAborted(bytes, options.signal), options),
    list,
    read,
    compose: (key, pieces, options = {}) => lay(key, readPieces(untilAborted(pieces, options.signal)), options),
    remove: async (key) => rm(pathOf(key), { force: true }),
    removeFolder: async (folder) => rm(pathOf(folder), { recursive: true, force: true }),
    sweepUnfinished: (beforeMs) => sweep(temporary, (_name, atMs) => atMs < beforeMs),
    freeBytes,
    check: async () => {
      await statfs(objects);
    },
    close: async () => undefined,
  };
}

type OpenObject = { readonly key: string; readonly file: FileHandle; readonly sizeBytes: number };

async function openObject(key: string, path: string): Promise<OpenObject> {
  const notFound = () => new MusterError('NotFound', `${key} is not in the store`);
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' || error.code === 'ENOTDIR' ? notFound() : error;
  });
  const stats = await file.stat();
  if (stats.isFile()) return { key, file, sizeBytes: stats.size };
  await file.close();
  throw notFound();
}

async function* readStretch(
  { key, file }: OpenObject,
  { start, end }: Required<ByteRange>,
  scratch: Buffer,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const { bytesRead } = await file.read(scratch, 0, Math.min(scratch.length, end - at), at);
    if (bytesRead === 0) throw new MusterError('RangeOutside', `${key} ended at ${at}, before ${end}`);
    yield scratch.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function writeSynced(path: string, bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      const written = writeWhole(file, chunk);
      hash.update(chunk);
      await written;
      sizeBytes += chunk.byteLength;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** A write may take less than it was given (write(2)), as on a disk that is nearly full. */
async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) done += (await file.write(chunk, done)).bytesWritten;
}

/** A name is on disk when its folder is: every folder up to the root may be new. */
async function syncFolders(folder: string, root: string): Promise<void> {
  for (let at = folder; at.length >= root.length; at = dirname(at)) {
    const handle = await open(at);
    await handle.sync().finally(() => handle.close());
    if (at === dirname(at)) return;
  }
}

async function sweep(folder: string, isLeft: (name: string, atMs: number) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const stats = await stat(path).catch(ignoreGone);
    if (stats && isLeft(name, stats.mtimeMs)) await rm(path, { force: true });
  }
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(noEntries)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    if (entry.isFile()) yield path;
  }
}

/** Another replica may remove what this one looks at. */
function ignoreGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function noEntries(error: NodeJS.ErrnoException): [] {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return [];
}
