import { constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir, readlink } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../report/errors.ts';
import type { Entry } from './entry.ts';
import type { Packed, PackOptions } from './pack-tar.ts';
import type { PartWriter } from './part-writer.ts';
import { quoteName, safePath, symlinkRefusal } from './safe-path.ts';
import { joined } from './tar-entry.ts';

const pieceBytes = 1 << 19;
/** A file with more holes than this is left out: as zeros it would only cost time. */
const mostHoleBytes = 1n << 30n;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

type Walk = {
  readonly writer: PartWriter;
  readonly options: PackOptions;
  /** Path of the first name of a file with several, by device and inode. */
  readonly names: { first(device: bigint, inode: bigint, path: string): string };
  readonly scratch: Buffer;
  readonly packed: { entries: number; leftOut: number; contentBytes: number };
};

/** A folder that is being walked: `at` reaches its children whatever happens to the path above it. */
type Folder = { readonly at: Buffer; readonly path: string };

/**
 * Packs a folder as it is on disk; what cannot be packed is left out with a line. Each folder is held open and its
 * children are reached through the descriptor (/proc/self/fd), so that no swapped link leads out of the tree and a path
 * may be longer than the kernel takes. Sizes are those at the opening of a file.
 */
export async function packDirectory(root: string, writer: PartWriter, options: PackOptions): Promise<Packed> {
  // SQLite's nameless database: on disk once it outgrows its cache, and gone when it is closed.
  const database = new DatabaseSync('');
  const packed = { entries: 0, leftOut: 0, contentBytes: 0 };
  try {
    const scratch = Buffer.allocUnsafeSlow(pieceBytes);
    const walk = { writer, options, names: fileNames(database), packed, scratch };
    await walkFolder(walk, Buffer.from(root), options.prefix, O_RDONLY | O_DIRECTORY);
    return packed;
  } finally {
    database.close();
  }
}

function fileNames(database: DatabaseSync): Walk['names'] {
  database.exec('CREATE TABLE names (id TEXT PRIMARY KEY, path TEXT) WITHOUT ROWID');
  const get = database.prepare('SELECT path FROM names WHERE id = ?');
  const put = database.prepare('INSERT INTO names VALUES (?, ?)');
  return {
    first(device, inode, path) {
      const id = `${device}:${inode}`;
      const known = get.get(id)?.path;
      if (known !== undefined) return String(known);
      put.run(id, path);
      return path;
    },
  };
}

async function walkFolder(walk: Walk, location: Buffer, path: string, flags: number): Promise<void> {
  const handle = await open(location, flags);
  try {
    const { mode, mtimeMs } = await handle.stat();
    const entry = { path, type: 'directory', sizeBytes: 0, mode: mode & 0o7777, mtimeMs } as const;
    if (path !== '') await count(walk, entry, await walk.writer.add(entry));
    const at = process.platform === 'linux' ? Buffer.from(`/proc/self/fd/${handle.fd}`) : location;
    for await (const child of await opendir(at, { encoding: 'buffer', bufferSize: 256 } as never)) {
      walk.options.signal?.throwIfAborted();
      await walkChild(walk, { at, path }, child.name as unknown as Buffer);
    }
  } finally {
    await handle.close();
  }
}

async function walkChild(walk: Walk, folder: Folder, name: Buffer): Promise<void> {
  const { say } = walk.options;
  const location = Buffer.concat([folder.at, Buffer.from('/'), name]);
  const leaveOut = (reason: string) => {
    walk.packed.leftOut += 1;
    say(`left out ${quoteName(`${folder.path}/${quoteless(name)}`)}: ${reason}`);
  };
  const safe = safePath(name);
  if ('refused' in safe) return leaveOut(safe.refused);
  const path = joined(folder.path, safe.path);
  if (path === undefined) return leaveOut('path too long');
  if (safe.renamedFrom) say(`${safe.renamedFrom} is no UTF-8: packed as ${quoteName(path)}`);
  try {
    const reason = await packChild(walk, location, path);
    if (reason !== undefined) leaveOut(reason);
  } catch (error) {
    // Trouble with this file is a line; trouble with the part or an abort ends the walk.
    if (!isFileTrouble(error)) throw error;
    leaveOut(messageOf(error).replace(/ '.*$/, ''));
  }
}

const troubleCalls = new Set(['open', 'lstat', 'readlink', 'opendir', 'scandir', 'fstat', 'stat', 'read']);

function isFileTrouble(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && troubleCalls.has(String(error.syscall));
}

function quoteless(name: Buffer): string {
  return JSON.parse(quoteName(name)) as string;
}

/** Packs one child, or says why not. */
async function packChild(walk: Walk, location: Buffer, path: string): Promise<string | undefined> {
  const { prefix } = walk.options;
  const found = await lstat(location);
  if (found.isDirectory()) {
    await walkFolder(walk, location, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return undefined;
  }
  if (found.isSymbolicLink()) {
    const linkTarget = (await readlink(location, { encoding: 'buffer' })).toString();
    const refused = symlinkRefusal(path, linkTarget, prefix);
    if (refused !== undefined) return `symlink to ${quoteName(linkTarget)}: ${refused}`;
    const entry = { path, type: 'symlink', sizeBytes: 0, mode: 0o777, mtimeMs: found.mtimeMs, linkTarget } as const;
    await count(walk, entry, await walk.writer.add(entry));
    return undefined;
  }
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  if (!found.isFile()) return 'a device';
  // O_NONBLOCK: should a pipe have taken the file's place meanwhile, opening it must not wait for a writer.
  const handle = await open(location, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    return await packFile(walk, handle, path);
  } finally {
    await handle.close();
  }
}

async function packFile(walk: Walk, handle: FileHandle, path: string): Promise<string | undefined> {
  const facts = await handle.stat({ bigint: true });
  if (!facts.isFile()) return 'no file any more';
  if (facts.size - facts.blocks * 512n > mostHoleBytes) return `a file of ${facts.size} bytes that is nearly all holes`;
  const mode = Number(facts.mode) & 0o7777;
  const mtimeMs = Number(facts.mtimeMs);
  if (facts.nlink > 1n) {
    const linkTarget = walk.names.first(facts.dev, facts.ino, path);
    if (linkTarget !== path && walk.writer.lookup(linkTarget) !== undefined) {
      const link = { path, type: 'hardlink', sizeBytes: 0, mode, mtimeMs, linkTarget } as const;
      await count(walk, link, await walk.writer.add(link));
      return undefined;
    }
  }
  const entry = { path, type: 'file', sizeBytes: Number(facts.size), mode, mtimeMs } as const;
  await count(walk, entry, await walk.writer.add(entry, contentOf(handle, entry.sizeBytes, walk.scratch)));
  return undefined;
}

/**
 * A file's bytes from its start until one piece goes beyond its size. All pieces are one buffer: the writer copies
 * before it asks for the next, and a new one for each would be garbage as large as the tree.
 */
async function* contentOf(handle: FileHandle, sizeBytes: number, scratch: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at <= sizeBytes; ) {
    const { bytesRead } = await handle.read(scratch, 0, Math.min(scratch.length, sizeBytes + 1 - at), at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield scratch.subarray(0, bytesRead);
  }
}

async function count({ packed, options }: Walk, entry: Entry, added: boolean): Promise<void> {
  if (!added) {
    packed.leftOut += 1;
    return;
  }
  packed.entries += 1;
  packed.contentBytes += entry.sizeBytes;
  options.onDone?.(entry.path.slice(options.prefix === '' ? 0 : options.prefix.length + 1));
}
