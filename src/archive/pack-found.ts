import { type BigIntStats, closeSync, read, readSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { Content, Entry } from './entry.ts';
import type { PartWriter } from './part-writer.ts';
import { type Found, openFound } from './tree-walk.ts';

const readAsync = promisify(read);
const pieceBytes = 1 << 19;
/** A file with more holes than this is left out: as zeros it would only cost time. */
const mostHoleBytes = 1n << 30n;

/** What became of something found: packed, refused by the part (which said why), or left out for a reason. */
export type PackedFound = {
  readonly entry?: Entry;
  readonly leftOut?: string;
  /** Of a file, when it was opened; of others as they were found. */
  readonly facts: BigIntStats;
};

export type FoundPacker = {
  /** Packs one thing out of a walk. The second name of a file that is packed becomes a hard link to the first. */
  pack(found: Found): Promise<PackedFound>;
  /** Has a name that needs no packing be the first of its file, if none was before. */
  note(found: Found): void;
  /** Forgets the first names: inodes are used again. */
  forgetNames(): void;
};

/** Packs what a walk finds. The names of files with several are kept in `database`. */
export function createFoundPacker(writer: PartWriter, database: DatabaseSync): FoundPacker {
  const names = fileNames(database);
  const scratch = Buffer.allocUnsafeSlow(pieceBytes);
  const add = async (entry: Entry, facts: BigIntStats, content?: Content): Promise<PackedFound> =>
    (await writer.add(entry, content)) ? { entry, facts } : { facts };

  const packFile = async ({ path }: Found, fd: number, facts: BigIntStats): Promise<PackedFound> => {
    if (!facts.isFile()) return { facts, leftOut: 'no file any more' };
    if (facts.size - facts.blocks * 512n > mostHoleBytes) {
      return { facts, leftOut: `a file of ${facts.size} bytes that is nearly all holes` };
    }
    const sizeBytes = Number(facts.size);
    const common = { path, mode: Number(facts.mode) & 0o7777, mtimeMs: Number(facts.mtimeMs) };
    if (facts.nlink > 1n) {
      const linkTarget = names.first(facts, path);
      if (linkTarget !== path && writer.lookup(linkTarget) !== undefined) {
        return add({ ...common, type: 'hardlink', sizeBytes: 0, linkTarget }, facts);
      }
    }
    return add({ ...common, type: 'file', sizeBytes }, facts, contentOf(fd, sizeBytes, scratch));
  };

  return {
    async pack(found) {
      const { path, facts } = found;
      const mtimeMs = Number(facts.mtimeMs);
      if (found.type === 'directory') {
        return add({ path, type: 'directory', sizeBytes: 0, mode: Number(facts.mode) & 0o7777, mtimeMs }, facts);
      }
      if (found.type === 'symlink') {
        const { linkTarget } = found;
        return add({ path, type: 'symlink', sizeBytes: 0, mode: 0o777, mtimeMs, linkTarget }, facts);
      }
      const opened = openFound(found.location);
      try {
        return await packFile(found, opened.fd, opened.facts);
      } finally {
        closeSync(opened.fd);
      }
    },
    note({ type, facts, path }) {
      if (type === 'file' && facts.nlink > 1n) names.first(facts, path);
    },
    forgetNames: () => names.clear(),
  };
}

/** Path of the first name of a file with several, by device and inode. */
function fileNames(database: DatabaseSync) {
  database.exec('CREATE TABLE names (id TEXT PRIMARY KEY, path TEXT) WITHOUT ROWID');
  const get = database.prepare('SELECT path FROM names WHERE id = ?');
  const put = database.prepare('INSERT INTO names VALUES (?, ?)');
  return {
    first({ dev, ino }: BigIntStats, path: string): string {
      const id = `${dev}:${ino}`;
      const known = get.get(id)?.path;
      if (known !== undefined) return String(known);
      put.run(id, path);
      return path;
    },
    clear: () => database.exec('DELETE FROM names'),
  };
}

/**
 * A file's bytes from its start until one piece goes beyond its size. All pieces are one buffer: the writer copies
 * before it asks for the next, and a new one for each would be garbage as large as the tree.
 */
async function* contentOf(fd: number, sizeBytes: number, scratch: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at <= sizeBytes; ) {
    const length = Math.min(scratch.length, sizeBytes + 1 - at);
    // A trip to the thread pool and back costs more than a small file's bytes.
    const bytesRead =
      sizeBytes < scratch.length
        ? readSync(fd, scratch, 0, length, at)
        : (await readAsync(fd, scratch, 0, length, at)).bytesRead;
    if (bytesRead === 0) return;
    at += bytesRead;
    yield scratch.subarray(0, bytesRead);
  }
}
