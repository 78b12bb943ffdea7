import type { FileHandle } from 'node:fs/promises';
import { packed } from './run-reader.ts';

/** Bytes from `start` to before `end`. */
export type ByteStretch = { readonly start: number; readonly end: number };

/** Bytes that can be read from any place on: a file, or an object of a store. */
export type ByteSource = {
  readonly sizeBytes: number;
  /** Ended early by who reads no further. Within `sizeBytes`; fewer bytes come when there are fewer. */
  read(stretch: ByteStretch): AsyncIterable<Uint8Array>;
};

export function fileSource(handle: FileHandle, sizeBytes: number): ByteSource {
  return { sizeBytes, read: ({ start, end }) => packed(handle, start, end - start) };
}

/** A short stretch at once; what lies beyond the end is left out. */
export async function readAt(source: ByteSource, start: number, length: number): Promise<Buffer> {
  const end = Math.min(start + length, source.sizeBytes);
  if (start >= end) return Buffer.alloc(0);
  return Buffer.concat(await Array.fromAsync(source.read({ start, end })));
}
