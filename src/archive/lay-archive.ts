import { gzipSync } from 'node:zlib';
import { MusterError } from '../report/errors.ts';
import { indexChunks } from './index-writer.ts';
import type { Laid, PartRecord } from './part-record.ts';
import type { IndexedEntry } from './read-archive.ts';
import { comparePaths, quoteName } from './safe-path.ts';
import { trailerBytes } from './tar-header.ts';

/** Bytes of an archive: a stretch of the members of one of its parts (by place in the list), or bytes made for it. */
export type ArchivePiece =
  | { readonly part: number; readonly start: number; readonly end: number }
  | { readonly bytes: Buffer };

export type ArchiveTotals = { readonly files: number; readonly contentBytes: number };

/**
 * An archive, piece by piece from its first byte to its last: the live members of its parts in order, the tar trailer,
 * the index. What it holds in all is the generator's return value. The same path in two parts throws.
 */
export function* layArchive(records: readonly PartRecord[]): Generator<ArchivePiece, ArchiveTotals> {
  let position = 0;
  const members: number[] = [];
  /** For each part: offset in the archive of each run's first member. */
  const runOffsets: Map<number, number>[] = [];
  for (const [part, record] of records.entries()) {
    const planned = planPart(record, position, members);
    runOffsets.push(planned.offsets);
    position = planned.end;
    yield* stretches(part, record);
  }
  members.push(position, trailerBytes);
  const trailer = gzipSync(Buffer.alloc(trailerBytes));
  yield { bytes: trailer };
  const totals = { files: 0, contentBytes: 0 };
  const entries = mergedEntries(records, runOffsets, totals);
  for (const bytes of indexChunks(position + trailer.length, entries, members)) yield { bytes };
  return totals;
}

function planPart(record: PartRecord, position: number, members: number[]) {
  const offsets = new Map<number, number>();
  let end = position;
  for (const member of record.members()) {
    if (!offsets.has(member.run)) offsets.set(member.run, end);
    members.push(end, member.rawBytes);
    end += member.packedBytes;
  }
  return { offsets, end };
}

/** Members that lie side by side are one stretch. */
function* stretches(part: number, record: PartRecord): Generator<ArchivePiece> {
  let start = 0;
  let end = 0;
  for (const { position, packedBytes } of record.members()) {
    if (position !== end) {
      if (end > start) yield { part, start, end };
      start = position;
      end = position;
    }
    end += packedBytes;
  }
  if (end > start) yield { part, start, end };
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
