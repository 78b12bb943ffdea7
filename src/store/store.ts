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
  /** What the bytes must be; others are refused (`InvalidInput`) and nothing is stored. */
  readonly expected?: Partial<Digest>;
  readonly signal?: AbortSignal;
};

/** Bytes from `start` to before `end`; to the object's end unless told. */
export type ByteRange = { readonly start: number; readonly end?: number };

/** A stretch of a stored object, or bytes at hand. */
export type Piece = { readonly key: string; readonly range?: ByteRange } | { readonly bytes: Uint8Array };

/**
 * Where pieces of reports and finished archives live. A key is one or more names of letters, digits, `.`, `_` and `-`
 * joined by `/`, none beginning with a dot (else `InvalidInput`), and no object's key is another's folder. An object is
 * there whole or not at all. A store that takes no more bytes answers `DestinationFailed`.
 */
export type Store = {
  /** Lays an object down, in place of one that is there. */
  put(key: string, bytes: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<Digest>;
  /** The objects in a folder and below it, by key; all of them for `''`. */
  list(folder: string): Promise<StoredObject[]>;
  /** `NotFound` when it is not there, `RangeOutside` when it has no such bytes. The caller ends or destroys the stream. */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /**
   * Lays an object down that is the pieces one after another, as they come: they are never held all at once. The digest
   * is the result's. `NotFound` and `RangeOutside` as for `read`; bytes at hand are not changed by the caller until the
   * next piece is asked for.
   */
  compose(key: string, pieces: AsyncIterable<Piece> | Iterable<Piece>, options?: PutOptions): Promise<Digest>;
  /** Removes an object; none is no error. */
  remove(key: string): Promise<void>;
  /** Removes all objects in a folder and below it. */
  removeFolder(folder: string): Promise<void>;
  /** Removes what a process that was killed left half written before then (milliseconds since 1970). */
  sweepUnfinished(beforeMs: number): Promise<void>;
  /** How many bytes it still takes; undefined where nobody knows of a bound. */
  freeBytes(): Promise<number | undefined>;
  /** Throws when it does not answer. */
  check(): Promise<void>;
  /** Lets go of connections. Nothing else may be called after it. */
  close(): Promise<void>;
};

/** What is half written and was not touched, in S3 not begun, for so long is a killed process's. */
export const UNFINISHED_FOR_MS = 24 * 3_600_000;
