import type { Readable } from 'node:stream';

/** What lies in a store under a key. */
export type StoredObject = {
  readonly key: string;
  readonly sizeBytes: number;
  readonly storedAtMs: number;
};

/** What bytes were laid down: their count and SHA-256 in lower-case hex. */
export type Digest = { readonly sizeBytes: number; readonly sha256: string };

export type PutOptions = {
  /** What the bytes must be; others are refused and nothing is stored. */
  readonly expected?: Partial<Digest>;
  readonly signal?: AbortSignal;
};

/** Bytes from `start` to before `end`; to the object's end unless told. */
export type ByteRange = { readonly start: number; readonly end?: number };

/**
 * Where pieces of reports and finished archives live. A key is one or more names of letters, digits, `.`, `_` and `-`
 * joined by `/`, none beginning with a dot. An object is there whole or not at all.
 */
export type Store = {
  /** Lays an object down, in place of one that is there. */
  put(key: string, bytes: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<Digest>;
  /** The objects in a folder and below it, by key; all of them for `''`. */
  list(folder: string): Promise<StoredObject[]>;
  /** `NotFound` when it is not there. */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** Joins objects in the order given into one; its digest runs along. */
  compose(key: string, pieces: readonly string[], options?: PutOptions): Promise<Digest>;
  /** Removes an object; none is no error. */
  remove(key: string): Promise<void>;
  /** Removes all objects in a folder and below it. */
  removeFolder(folder: string): Promise<void>;
};
