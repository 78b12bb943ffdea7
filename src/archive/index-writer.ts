import { crc32 } from 'node:zlib';
import { type ChunkKind, deflateText, encodeChunk, maxTextBytes } from './gzip-chunk.ts';
import type { IndexedEntry } from './read-archive.ts';

export const footerMagic = 'MUSTER01';
export const footerPayloadBytes = 60;

/** Numbers in turn: offset of a member in the file, its raw bytes. */
export type MemberTable = readonly number[];

/**
 * The index of an archive, which stands from `position` on: entries (by path's bytes), members, the directory of the
 * entry chunks, and the footer. Streaming: holds one chunk at a time.
 */
export function* indexChunks(
  position: number,
  entries: Iterable<IndexedEntry>,
  members: MemberTable,
): Generator<Buffer> {
  let at = position;
  const directory: number[] = [];
  let entryCount = 0;
  for (const chunk of chunked('e', counted())) {
    directory.push(at);
    at += chunk.length;
    yield chunk;
  }
  const membersOffset = at;
  for (const chunk of chunked('m', memberLines(members))) {
    at += chunk.length;
    yield chunk;
  }
  const directoryOffset = at;
  yield* chunked(
    'd',
    directory.values().map((offset) => `${offset}\n`),
  );
  const counts = [position, membersOffset, directoryOffset, entryCount, members.length / 2, directory.length];
  yield footer(counts);

  function* counted(): Generator<string> {
    for (const entry of entries) {
      entryCount += 1;
      yield entryLine(entry);
    }
  }
}

function* memberLines(members: MemberTable): Generator<string> {
  for (let i = 0; i < members.length; i += 2) yield `[${members[i]},${members[i + 1]}]\n`;
}

function footer(numbers: readonly number[]): Buffer {
  const payload = Buffer.alloc(footerPayloadBytes);
  payload.write(footerMagic, 'latin1');
  for (const [i, number] of numbers.entries()) payload.writeBigUInt64LE(BigInt(number), 8 + 8 * i);
  payload.writeUInt32LE(crc32(payload.subarray(0, 56)), 56);
  return encodeChunk('f', payload);
}

const letters = { file: 'f', directory: 'd', symlink: 'l', hardlink: 'h' } as const;

function entryLine(entry: IndexedEntry): string {
  const { path, type, sizeBytes, mode, mtimeMs, memberOffset, offsetInMember, linkTarget } = entry;
  const fields = [path, letters[type], sizeBytes, mode, Math.round(mtimeMs), memberOffset, offsetInMember];
  return `${JSON.stringify(linkTarget === undefined ? fields : [...fields, linkTarget])}\n`;
}

/** Gathers lines into chunks. */
function* chunked(kind: ChunkKind, lines: Iterable<string>): Generator<Buffer> {
  let held: string[] = [];
  let heldBytes = 0;
  const chunk = () => encodeChunk(kind, deflateText(held.join('')));
  for (const line of lines) {
    const length = Buffer.byteLength(line);
    if (held.length > 0 && heldBytes + length > maxTextBytes) {
      yield chunk();
      held = [];
      heldBytes = 0;
    }
    held.push(line);
    heldBytes += length;
  }
  if (held.length > 0) yield chunk();
}
