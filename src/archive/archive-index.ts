import { crc32 } from 'node:zlib';
import { MusterError, messageOf } from '../report/errors.ts';
import { type ByteSource, readAt } from './byte-source.ts';
import type { Entry } from './entry.ts';
import { type ChunkKind, decodeChunk, frameBytes, inflateText, maxChunkBytes } from './gzip-chunk.ts';
import { footerMagic, footerPayloadBytes } from './index-writer.ts';
import type { IndexedEntry } from './read-archive.ts';
import { comparePaths, safePath } from './safe-path.ts';

export type MemberSpan = {
  /** In the file. */
  readonly offset: number;
  readonly packedBytes: number;
  /** In the tar. */
  readonly rawOffset: number;
  readonly rawBytes: number;
};

/** The index of an archive, read from the file's end. Wrong bytes in it throw `ArchiveBroken`. */
export type ArchiveIndex = {
  readonly entryCount: number;
  /** Where the compressed tar ends and the index begins. */
  readonly startOffset: number;
  entries(): AsyncIterable<IndexedEntry>;
  /** The entries by path's bytes, from about `path` on: some before it may come first. */
  entriesFrom(path: string): AsyncIterable<IndexedEntry>;
  find(path: string): Promise<IndexedEntry | undefined>;
  members(): AsyncIterable<MemberSpan>;
  /** Whether the directory lists the chunks that are there. */
  hasRightDirectory(): Promise<boolean>;
};

export type Footer = {
  readonly entriesOffset: number;
  readonly membersOffset: number;
  readonly directoryOffset: number;
  readonly footerOffset: number;
  readonly entryCount: number;
  readonly memberCount: number;
  readonly chunkCount: number;
};

const footerBytes = footerPayloadBytes + frameBytes;

/** The footer of an archive, or undefined where there is none. */
export async function readFooter(source: ByteSource): Promise<Footer | undefined> {
  const footerOffset = source.sizeBytes - footerBytes;
  if (footerOffset < 0) return undefined;
  const payload = decodeChunk('f', await readAt(source, footerOffset, footerBytes))?.payload;
  if (payload?.toString('latin1', 0, 8) !== footerMagic) return undefined;
  if (payload.length !== footerPayloadBytes || payload.readUInt32LE(56) !== crc32(payload.subarray(0, 56))) {
    return undefined;
  }
  const number = (i: number) => Number(payload.readBigUInt64LE(8 + 8 * i));
  const footer: Footer = {
    entriesOffset: number(0),
    membersOffset: number(1),
    directoryOffset: number(2),
    footerOffset,
    entryCount: number(3),
    memberCount: number(4),
    chunkCount: number(5),
  };
  const { entriesOffset, membersOffset, directoryOffset } = footer;
  const inOrder = entriesOffset <= membersOffset && membersOffset <= directoryOffset && directoryOffset <= footerOffset;
  return inOrder ? footer : undefined;
}

export function openIndex(source: ByteSource, footer: Footer): ArchiveIndex {
  const { entriesOffset, membersOffset, directoryOffset, footerOffset } = footer;
  const chunk = (offset: number, kind: ChunkKind) => readChunk(source, offset, kind);
  const lines = async function* (kind: ChunkKind, from: number, to: number): AsyncGenerator<unknown> {
    for (let at = from; at < to; ) {
      const { rows, length } = await chunk(at, kind);
      yield* rows;
      at += length;
    }
  };
  let directory: Promise<number[]> | undefined;
  const readDirectory = async () => {
    const offsets: number[] = [];
    for await (const offset of lines('d', directoryOffset, footerOffset)) {
      if (!isOffset(offset)) throw broken('a chunk without a place');
      offsets.push(offset);
    }
    return offsets;
  };
  /** The last chunk that does not begin after the path. */
  const lastChunkBefore = async (path: string) => {
    directory ??= readDirectory();
    const offsets = await directory;
    let from = 0;
    let to = offsets.length;
    let found: { offset: number; rows: unknown[] } = { offset: entriesOffset, rows: [] };
    while (from < to) {
      const middle = (from + to) >> 1;
      const offset = offsets[middle] ?? 0;
      const { rows } = await chunk(offset, 'e');
      if (comparePaths(entryOf(rows[0]).path, path) <= 0) {
        found = { offset, rows };
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return found;
  };
  return {
    entryCount: footer.entryCount,
    startOffset: entriesOffset,
    async *entries() {
      for await (const row of lines('e', entriesOffset, membersOffset)) yield entryOf(row);
    },
    async *entriesFrom(path) {
      const { offset } = await lastChunkBefore(path);
      for await (const row of lines('e', offset, membersOffset)) yield entryOf(row);
    },
    async find(path) {
      const { rows } = await lastChunkBefore(path);
      return rows.map(entryOf).find((entry) => entry.path === path);
    },
    async hasRightDirectory() {
      const offsets = await readDirectory();
      let at = entriesOffset;
      for (const offset of offsets) {
        if (offset !== at || at >= membersOffset) return false;
        at += (await chunk(at, 'e')).length;
      }
      return at === membersOffset && offsets.length === footer.chunkCount;
    },
    async *members() {
      yield* memberSpans(lines('m', membersOffset, directoryOffset), entriesOffset);
    },
  };
}

async function* memberSpans(rows: AsyncIterable<unknown>, endOffset: number): AsyncGenerator<MemberSpan> {
  let rawOffset = 0;
  let open: { offset: number; rawBytes: number } | undefined;
  const span = (next: number): MemberSpan | undefined => {
    if (open === undefined) return undefined;
    const packedBytes = next - open.offset;
    if (packedBytes <= 0) throw broken('members out of order');
    return { ...open, packedBytes, rawOffset };
  };
  for await (const row of rows) {
    const [offset, rawBytes] = Array.isArray(row) ? row : [];
    if (!isOffset(offset) || !isOffset(rawBytes)) throw broken('a member without a place');
    const done = span(offset);
    if (done) yield done;
    rawOffset += open?.rawBytes ?? 0;
    open = { offset, rawBytes };
  }
  const last = span(endOffset);
  if (last) yield last;
}

async function readChunk(source: ByteSource, offset: number, kind: ChunkKind) {
  const decoded = decodeChunk(kind, await readAt(source, offset, maxChunkBytes));
  if (decoded === undefined) throw broken(`no chunk at byte ${offset}`);
  try {
    const text = inflateText(decoded.payload);
    const rows: unknown[] = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    if (rows.length === 0) throw new Error('empty');
    return { rows, length: decoded.length };
  } catch (error) {
    throw broken(`the chunk at byte ${offset}: ${messageOf(error)}`);
  }
}

const types: Readonly<Record<string, Entry['type']>> = { f: 'file', d: 'directory', l: 'symlink', h: 'hardlink' };

function entryOf(row: unknown): IndexedEntry {
  const [path, letter, sizeBytes, mode, mtimeMs, memberOffset, offsetInMember, linkTarget] = Array.isArray(row)
    ? row
    : [];
  const type = types[String(letter)];
  const safe = typeof path === 'string' ? safePath(path) : { refused: 'no text' };
  if (type === undefined || !('path' in safe) || safe.path !== path) throw broken('an entry without a clean path');
  if (![sizeBytes, mode, memberOffset, offsetInMember].every(isOffset)) throw broken(`the numbers of ${path}`);
  const time = typeof mtimeMs === 'number' ? mtimeMs : 0;
  const link = typeof linkTarget === 'string' ? { linkTarget } : {};
  return { path, type, sizeBytes, mode, mtimeMs: time, memberOffset, offsetInMember, ...link };
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function broken(what: string): MusterError {
  return new MusterError('ArchiveBroken', `the archive's index is damaged: ${what}`);
}
