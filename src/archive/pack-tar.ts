import type { Readable } from 'node:stream';
import type { Entry, Say } from './entry.ts';
import type { PartWriter } from './part-writer.ts';

export type PackTarOptions = {
  /** Folder of the archive that everything goes to, clean; '' for none. */
  readonly prefix: string;
  readonly say: Say;
  readonly onEntry?: (entry: Entry) => void;
  readonly signal?: AbortSignal;
};

export type Packed = {
  /** Entries packed, folders and links included. */
  readonly entries: number;
  readonly leftOut: number;
  /** Bytes of content packed. */
  readonly contentBytes: number;
};

/** Packs what a tar stream (not compressed) holds. A stream that breaks rejects; what came before stays packed. */
export async function packTar(_stream: Readable, _writer: PartWriter, _options: PackTarOptions): Promise<Packed> {
  throw new Error('not there yet');
}
