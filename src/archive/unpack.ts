import type { Say } from './entry.ts';

export type Unpacked = { readonly files: number; readonly contentBytes: number; readonly leftOut: number };

/** Writes an archive's tree below a folder. Never follows a link, and makes links last. */
export async function unpackArchive(
  _file: string,
  _destinationDir: string,
  _options: { readonly say: Say; readonly signal?: AbortSignal },
): Promise<Unpacked> {
  throw new Error('not there yet');
}
