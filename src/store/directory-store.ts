import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { destinationError } from '../archive/destination-error.ts';
import { MusterError } from '../report/errors.ts';
import type { ByteRange, Digest, PutOptions, Store, StoredObject } from './store.ts';

const keyForm = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

export type DirectoryStoreOptions = {
  /** Temporary files not written to since then are a killed process's, and are removed (milliseconds since 1970). */
  readonly sweepBeforeMs: number;
};

/** A store in a directory: objects under `objects/`, what is being written under `temporary/`. */
export async function openDirectoryStore(directory: string, options: DirectoryStoreOptions): Promise<Store> {
  const root = resolve(directory);
  const objects = join(root, 'objects');
  const temporary = join(root, 'temporary');
  const pathOf = (key: string): string => {
    if (!keyForm.test(key)) throw new MusterError('InvalidInput', `${JSON.stringify(key)} is no key of a store`);
    return join(objects, key);
  };
  try {
    await mkdir(objects, { recursive: true });
    await mkdir(temporary, { recursive: true });
    await sweep(temporary, options.sweepBeforeMs);
  } catch (error) {
    throw destinationError(root, error);
  }

  async function put(key: string, bytes: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<Digest> {
    const path = pathOf(key);
    const partial = join(temporary, randomBytes(8).toString('hex'));
    try {
      const digest = await writeSynced(partial, bytes, options.signal);
      refuseOther(key, digest, options.expected ?? {});
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

  async function read(key: string, { start, end }: ByteRange = { start: 0 }): Promise<Readable> {
    const file = await open(pathOf(key)).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new MusterError('NotFound', `${key} is not in the store`) : error;
    });
    return file.createReadStream({ start, ...(end === undefined ? {} : { end: end - 1 }) });
  }

  async function* readAll(keys: readonly string[]): AsyncGenerator<Uint8Array> {
    for (const key of keys) yield* await read(key);
  }

  async function list(folder: string): Promise<StoredObject[]> {
    const entries = await readdir(folder === '' ? objects : pathOf(folder), {
      recursive: true,
      withFileTypes: true,
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const found: StoredObject[] = [];
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const stats = await stat(path).catch(ignoreGone);
      if (stats) found.push({ key: relative(objects, path), sizeBytes: stats.size, storedAtMs: stats.mtimeMs });
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  return {
    put,
    list,
    read,
    compose: (key, pieces, options) => put(key, readAll(pieces), options),
    remove: async (key) => rm(pathOf(key), { force: true }),
    removeFolder: async (folder) => rm(pathOf(folder), { recursive: true, force: true }),
  };
}

async function writeSynced(path: string, bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      hash.update(chunk);
      await writeWhole(file, chunk);
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

function refuseOther(key: string, is: Digest, expected: Partial<Digest>): void {
  const size = expected.sizeBytes ?? is.sizeBytes;
  if (size !== is.sizeBytes) throw new MusterError('InvalidInput', `${key} has ${is.sizeBytes} bytes, not ${size}`);
  const sha256 = expected.sha256 ?? is.sha256;
  if (sha256 !== is.sha256) throw new MusterError('InvalidInput', `${key} has SHA-256 ${is.sha256}, not ${sha256}`);
}

/** A name is on disk when its folder is: every folder up to the root may be new. */
async function syncFolders(folder: string, root: string): Promise<void> {
  for (let at = folder; at.length >= root.length; at = dirname(at)) {
    const handle = await open(at);
    await handle.sync().finally(() => handle.close());
    if (at === dirname(at)) return;
  }
}

async function sweep(folder: string, beforeMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const stats = await stat(path).catch(ignoreGone);
    if (stats && stats.mtimeMs < beforeMs) await rm(path, { force: true });
  }
}

/** Another replica may remove what this one looks at. */
function ignoreGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
