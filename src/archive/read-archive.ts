import type { Readable } from 'node:stream';
import type { Entry } from './entry.ts';

export type IndexedEntry = Entry & {
  /** Where the member begins that holds the entry's first byte of content; only in an indexed archive. */
  readonly memberOffset?: number;
  /** Where the content begins in that member, decompressed. */
  readonly offsetInMember?: number;
};

export type Range = { readonly offset?: number; readonly length?: number };

export type Archive = {
  /** Whether a footer was found. Without, every question reads the file from its start. */
  readonly indexed: boolean;
  entries(): AsyncIterable<IndexedEntry>;
  /** Content of a file (a hard link's is its target's). NotFound, or InvalidInput for what has no content. */
  read(path: string, range?: Range): Promise<Readable>;
  close(): Promise<void>;
};

/** Opens an archive of Muster, or a `.tar.gz` or `.tar` made by others. */
export async function openArchive(_file: string): Promise<Archive> {
  throw new Error('not there yet');
}
