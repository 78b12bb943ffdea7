import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchivePiece, type ArchiveTotals, layArchive } from '../archive/lay-archive.ts';
import { openPartRecord, type PartRecord } from '../archive/part-record.ts';
import { membersName, recordName } from '../archive/part-writer.ts';
import { packed } from '../archive/run-reader.ts';
import { type Generated, packGenerated } from '../archive/seal.ts';
import { MusterError } from '../report/errors.ts';
import type { Piece, Store } from '../store/store.ts';
import { type Chunk, chunksOf, fetchRecord } from './stored-part.ts';

/** A part that was uploaded, by its folder in the store, or one in a directory of this machine. */
export type SealedPart = { readonly folder: string } | { readonly directory: string };

export type StoredSealOptions = {
  readonly store: Store;
  /** Of the archive, in the store. */
  readonly key: string;
  /** In the order they shall have. */
  readonly parts: readonly SealedPart[];
  readonly generated: readonly Generated[];
  /** A folder of the caller's, which the caller removes. */
  readonly workDirectory: string;
  readonly mtimeMs: number;
  readonly signal: AbortSignal;
};

export type StoredArchive = ArchiveTotals & { readonly sizeBytes: number; readonly sha256: string };

/**
 * Seals a report in the store: what was uploaded is joined there, no member is opened and none is held in memory. The
 * archive has its key only when it is whole.
 */
export async function sealStored(options: StoredSealOptions): Promise<StoredArchive> {
  const { store, key, workDirectory, signal } = options;
  const generated = join(workDirectory, 'generated');
  await packGenerated(generated, options);
  const opened: OpenPart[] = [];
  try {
    for (const [place, part] of [...options.parts, { directory: generated }].entries()) {
      opened.push(await openPart(store, part, join(workDirectory, `record-${place}`)));
    }
    let totals: ArchiveTotals = { files: 0, contentBytes: 0 };
    const pieces = layArchive(opened.map(({ record }) => record));
    const laid = async function* (): AsyncGenerator<Piece> {
      for (;;) {
        const { done, value } = pieces.next();
        if (done) {
          totals = value;
          return;
        }
        yield* storePieces(value, opened);
      }
    };
    const digest = await store.compose(key, laid(), { signal });
    return { ...totals, ...digest };
  } finally {
    for (const { record, close } of opened) {
      record.close();
      await close();
    }
  }
}

type OpenPart = {
  readonly record: PartRecord;
  /** The members from `start` to before `end`, as the store takes them. */
  pieces(start: number, end: number): AsyncIterable<Piece> | Iterable<Piece>;
  close(): Promise<void>;
};

async function openPart(store: Store, part: SealedPart, work: string): Promise<OpenPart> {
  if ('directory' in part) {
    const handle = await open(join(part.directory, membersName), 'r');
    return {
      record: openPartRecord(join(part.directory, recordName)),
      pieces: async function* (start, end) {
        for await (const bytes of packed(handle, start, end - start)) yield { bytes };
      },
      close: () => handle.close(),
    };
  }
  await mkdir(work, { recursive: true });
  const file = join(work, recordName);
  if (!(await fetchRecord(store, part.folder, file))) {
    throw new MusterError('NotFound', `${part.folder}/record is not in the store`);
  }
  const chunks = await chunksOf(store, part.folder);
  return {
    record: openPartRecord(file),
    pieces: (start, end) => stretchOf(chunks, start, end),
    close: () => Promise.resolve(),
  };
}

async function* storePieces(piece: ArchivePiece, parts: readonly OpenPart[]): AsyncGenerator<Piece> {
  if ('bytes' in piece) yield piece;
  else yield* parts[piece.part]?.pieces(piece.start, piece.end) ?? [];
}

function* stretchOf(chunks: readonly Chunk[], start: number, end: number): Generator<Piece> {
  let at = start;
  for (const chunk of chunks) {
    if (chunk.end <= at) continue;
    if (at >= end) return;
    const until = Math.min(end, chunk.end);
    yield { key: chunk.key, range: { start: at - chunk.start, end: until - chunk.start } };
    at = until;
  }
  if (at < end) throw new MusterError('ArchiveBroken', `the part ends at byte ${at}, where ${end} bytes were expected`);
}
