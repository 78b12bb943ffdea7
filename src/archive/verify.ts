import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { messageOf } from '../report/errors.ts';
import { type ArchiveIndex, openIndex, readFooter } from './archive-index.ts';
import { type ByteSource, fileSource } from './byte-source.ts';
import type { Entry, Say } from './entry.ts';
import { rawTar } from './raw-tar.ts';
import { type IndexedEntry, openFile } from './read-archive.ts';
import { gunzipped, packed } from './run-reader.ts';
import { isRootName, quoteName, safePath } from './safe-path.ts';
import { judgeTarItem } from './tar-entry.ts';
import { trailerBytes } from './tar-header.ts';
import { scanTar, type TarItem } from './tar-scan.ts';

export type Verified = {
  readonly ok: boolean;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly files: number;
  /** Whether the archive has Muster's index. */
  readonly indexed: boolean;
  /** The first 100. */
  readonly problems: string[];
};

const mostProblems = 100;

/**
 * Reads an archive from end to end: gzip checksums, tar headers, clean names, no path twice, the trailer, and, where
 * there is an index, that it says what the content says. Also for archives made by others. Rejects only when the file
 * cannot be read (`NotFound`, `InvalidInput`); all else is a problem in the answer, and a line for `say`.
 */
export async function verifyArchive(file: string, say: Say = () => undefined): Promise<Verified> {
  const handle = await openFile(file);
  const problems: string[] = [];
  const problem: Say = (line) => {
    if (problems.length >= mostProblems) return;
    problems.push(line);
    say(line);
  };
  const found = new DatabaseSync('');
  try {
    const { size: sizeBytes } = await handle.stat();
    const sha256 = await digest(handle, sizeBytes);
    const source = fileSource(handle, sizeBytes);
    const footer = await readFooter(source);
    const index = footer && openIndex(source, footer);
    const tree = foundTree(found, problem);
    try {
      await scan(source, index, tree, problem);
      if (index) {
        await compareIndex(index, tree, problem);
        await checkIndexBytes(source, index, problem);
      }
    } catch (error) {
      problem(messageOf(error));
    }
    return {
      ok: problems.length === 0,
      sizeBytes,
      sha256,
      files: tree.files(),
      indexed: footer !== undefined,
      problems,
    };
  } finally {
    found.close();
    await handle.close();
  }
}

async function digest(handle: FileHandle, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of packed(handle, 0, sizeBytes, Buffer.allocUnsafeSlow(1 << 19))) hash.update(chunk);
  return hash.digest('hex');
}

type Tree = ReturnType<typeof foundTree>;

/** What the tar holds, in SQLite's nameless database: on disk once it is large. */
function foundTree(database: DatabaseSync, problem: Say) {
  database.exec(`PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;
    CREATE TABLE found (path TEXT PRIMARY KEY, facts TEXT, type TEXT) WITHOUT ROWID`);
  const put = database.prepare('INSERT OR IGNORE INTO found VALUES (?, ?, ?)');
  const get = database.prepare('SELECT facts FROM found WHERE path = ?');
  const remove = database.prepare('DELETE FROM found WHERE path = ?');
  const rest = database.prepare('SELECT path FROM found LIMIT 1');
  let files = 0;
  database.exec('BEGIN');
  return {
    add(entry: Entry, contentOffset: number) {
      if (entry.type === 'file') files += 1;
      const { changes } = put.run(entry.path, facts(entry, contentOffset), entry.type);
      if (Number(changes) === 0) problem(`${quoteName(entry.path)} is there twice`);
    },
    files: () => files,
    /** Takes an entry out and answers with its facts. */
    take(path: string): string | undefined {
      const row = get.get(path);
      if (row !== undefined) remove.run(path);
      return row === undefined ? undefined : String(row.facts);
    },
    left: (): string | undefined => rest.get()?.path as string | undefined,
  };
}

function facts({ type, sizeBytes, mode, mtimeMs, linkTarget }: Entry, contentOffset: number): string {
  const seconds = Math.max(Math.floor(mtimeMs / 1000), 0);
  return JSON.stringify([type, sizeBytes, mode, seconds, linkTarget ?? '', contentOffset]);
}

async function scan(source: ByteSource, index: ArchiveIndex | undefined, tree: Tree, problem: Say): Promise<void> {
  const raw = index ? Readable.from(memberBytes(source, index, problem), { objectMode: false }) : await rawTar(source);
  const end = { zeros: 0 };
  for await (const item of scanTar(Readable.from(watchedEnd(raw, end), { objectMode: false }))) {
    judge(item, tree, problem);
  }
  if (end.zeros < trailerBytes) problem('the tar has no trailer: it may have been cut off');
}

/** The tar, member by member, each held against what the index says of it. */
async function* memberBytes(source: ByteSource, index: ArchiveIndex, problem: Say): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const member of index.members()) {
    if (member.offset !== at) problem(`the index says nothing of bytes ${at} to ${member.offset}`);
    let bytes = 0;
    const stretch = { start: member.offset, end: member.offset + member.packedBytes };
    for await (const chunk of gunzipped(source.read(stretch))) {
      bytes += chunk.length;
      yield chunk;
    }
    if (bytes !== member.rawBytes) problem(`the member at byte ${member.offset} has another size than the index says`);
    at = member.offset + member.packedBytes;
  }
  if (at !== index.startOffset) problem(`the index says nothing of bytes ${at} to ${index.startOffset}`);
}

/** Passes a tar on and counts the zeros at its end. */
async function* watchedEnd(chunks: AsyncIterable<Buffer>, end: { zeros: number }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    let zeros = 0;
    while (zeros < Math.min(chunk.length, trailerBytes) && chunk[chunk.length - 1 - zeros] === 0) zeros += 1;
    end.zeros = zeros === chunk.length ? end.zeros + zeros : zeros;
    yield chunk;
  }
}

function judge(item: TarItem, tree: Tree, problem: Say): void {
  const judged = judgeTarItem(item, '');
  if ('entry' in judged) {
    const { entry } = judged;
    if (hasUncleanName(item, entry)) problem(`${quoteName(item.name)} is not a clean name`);
    tree.add(entry, item.contentOffset);
  } else if (!judged.quiet) problem(`${quoteName(item.name)}: ${judged.refused}`);
}

/** Names as `tar -C DIR .` writes them (`./name`) are clean enough: every tool takes them for `name`. */
function hasUncleanName({ name }: TarItem, { path }: Entry): boolean {
  const written = Buffer.from(name)
    .toString()
    .replace(/^(\.\/+)+/, '')
    .replace(/\/$/, '');
  return !isRootName(written) && written !== path && 'path' in safePath(name);
}

async function compareIndex(index: ArchiveIndex, tree: Tree, problem: Say): Promise<void> {
  const rawOffsets = new Map<number, number>();
  for await (const member of index.members()) rawOffsets.set(member.offset, member.rawOffset);
  let count = 0;
  for await (const entry of index.entries()) {
    count += 1;
    const known = tree.take(entry.path);
    if (known === undefined) problem(`the index names ${quoteName(entry.path)}, which is not in the tar`);
    else if (known !== facts(entry, contentOffset(entry, rawOffsets))) {
      problem(`the index and the tar differ on ${quoteName(entry.path)}`);
    }
  }
  if (count !== index.entryCount) problem(`the index has ${count} entries, its footer says ${index.entryCount}`);
  const left = tree.left();
  if (left !== undefined) problem(`the index does not name ${quoteName(left)}`);
}

/** To other tools the index is gzip that holds nothing. */
async function checkIndexBytes(source: ByteSource, index: ArchiveIndex, problem: Say): Promise<void> {
  if (!(await index.hasRightDirectory())) problem('the directory of the index is wrong');
  for await (const chunk of gunzipped(source.read({ start: index.startOffset, end: source.sizeBytes }))) {
    if (chunk.length > 0) return problem('there is content where the index should be');
  }
}

function contentOffset({ memberOffset, offsetInMember }: IndexedEntry, rawOffsets: Map<number, number>): number {
  return (rawOffsets.get(memberOffset ?? -1) ?? Number.NaN) + (offsetInMember ?? 0);
}
