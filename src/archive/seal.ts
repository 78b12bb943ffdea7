import type { Part } from './part-writer.ts';

export type Generated = {
  readonly path: string;
  readonly content: string | Uint8Array | { readonly file: string };
  readonly mtimeMs: number;
};

export type SealOptions = {
  readonly parts: readonly Pick<Part, 'directory'>[];
  readonly generated: readonly Generated[];
  readonly destination: string;
  readonly level?: number;
  readonly signal?: AbortSignal;
};

export type Sealed = {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly files: number;
  readonly contentBytes: number;
};

/** Makes one archive of parts and generated files, in that order, under its final name only when it is whole. */
export async function sealArchive(_options: SealOptions): Promise<Sealed> {
  throw new Error('not there yet');
}
