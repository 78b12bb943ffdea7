import type { Readable } from 'node:stream';
import type { Entry, Say } from './entry.ts';

export type PartWriterOptions = {
  /** Made when it is not there. Holds the members and the record; a part begun there earlier is carried on. */
  readonly directory: string;
  readonly say: Say;
  /** Of gzip. */
  readonly level?: number;
  /** Raw bytes of a member. */
  readonly memberSizeBytes?: number;
  readonly signal?: AbortSignal;
};

export type PartStats = {
  /** Entries of type file. */
  readonly files: number;
  /** Bytes of their content, before compression. */
  readonly contentBytes: number;
  /** Bytes on disk of the members that live. */
  readonly packedBytes: number;
};

/** A finished part, as `sealArchive` takes it. */
export type Part = PartStats & { readonly directory: string };

export type PartWriter = {
  /** Packs one entry, after those asked for before. An entry with the path of an earlier one replaces it. */
  add(entry: Entry, content?: Readable | Uint8Array): Promise<void>;
  /** Forgets entries; answers with every path that has to be added again, the given ones that were packed included. */
  drop(paths: Iterable<string>): Promise<string[]>;
  /** Forgets entries for good: nothing has to be added again. */
  remove(paths: Iterable<string>): Promise<void>;
  lookup(path: string): Entry | undefined;
  /** Packed entries at and below a folder (all with ''), in the order of their paths' bytes. */
  entries(folder: string): Iterable<Entry>;
  /** Content of a packed file. */
  read(path: string): Promise<Readable>;
  stats(): PartStats;
  finish(): Promise<Part>;
  /** Stops and leaves the directory as it is, to be carried on. */
  close(): Promise<void>;
  /** Stops and removes the directory. */
  discard(): Promise<void>;
};

export async function createPartWriter(_options: PartWriterOptions): Promise<PartWriter> {
  throw new Error('not there yet');
}
