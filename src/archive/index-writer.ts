import { crc32 } from 'node:zlib';
import { type ChunkKind, deflateText, encodeChunk, maxTextBytes } from './gzip-chunk.ts';
import type { IndexedEntry } from './read-archive.ts';

export const footerMagic = 'MUSTER01';
export const footerPayloadBytes = 60;

export type Lay = (bytes: Buffer) => Promise<void>;

/** Numbers in turn: offset of a member in the file, its raw bytes. */
export type MemberTable = readonly number[];

/**
 * Writes the index of an archive, from `position` on: entries (by path's bytes), members, the directory of the entry
 * chunks, and the footer. Streaming: holds one chunk at a time.
 */
export async function writeIndex(
  lay: Lay,
  position: number,
  entries: Iterable<IndexedEntry>,
  members: MemberTable,
): Promise<void> {
  let at = position;
  const counted: Lay = async (bytes) => {
    at += bytes.length;
    await lay(bytes);
  };
  const directory: number[] = [];
  const entryLines = chunked(counted, 'e', () => directory.push(at));
  let entryCount = 0;
  for (const entry of entries) {
    entryCount += 1;
    await entryLines.add(entryLine(entry));
  }
  await entryLines.end();
  const membersOffset = at;
  const memberLines = chunked(counted, 'm');
  for (let i = 0; i < members.length; i += 2) await memberLines.add(`[${members[i]},${members[i + 1]}]\n`);
  await memberLines.end();
  const directoryOffset = at;
  const directoryLines = chunked(counted, 'd');
  for (const offset of directory) await directoryLines.add(`${offset}\n`);
  await directoryLines.end();
  const counts = [position, membersOffset, directoryOffset, entryCount, members.length / 2, directory.length];
  await lay(footer(counts));
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

/** Gathers lines into chunks; `begin` is told before each is laid down. */
function chunked(lay: Lay, kind: ChunkKind, begin?: () => void) {
  let lines: string[] = [];
  let bytes = 0;
  const end = async () => {
    if (lines.length === 0) return;
    begin?.();
    const text = lines.join('');
    lines = [];
    bytes = 0;
    await lay(encodeChunk(kind, deflateText(text)));
  };
  return {
    async add(line: string) {
      const length = Buffer.byteLength(line);
      if (bytes + length > maxTextBytes) await end();
      lines.push(line);
      bytes += length;
    },
    end,
  };
}
