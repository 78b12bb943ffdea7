import { deflateSync, inflateSync } from 'node:zlib';

/**
 * An empty gzip member (RFC 1952) that carries bytes in its FEXTRA field: tools decompress it to nothing. The index of
 * an archive is made of these.
 */
export type ChunkKind = 'e' | 'm' | 'd' | 'f';

const headerBytes = 16;
/** Empty deflate block, CRC-32 and length of nothing. */
const tail = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
export const frameBytes = headerBytes + tail.length;
/** FEXTRA holds 65,535 bytes, 4 of them the subfield's header. */
const maxPayloadBytes = 65_531;
/** Raw bytes that fit also when they do not compress. */
export const maxTextBytes = 64_000;

export function encodeChunk(kind: ChunkKind, payload: Uint8Array): Buffer {
  if (payload.length > maxPayloadBytes) throw new RangeError('a chunk holds at most 65,531 bytes');
  const header = Buffer.alloc(headerBytes);
  header.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255]);
  header.writeUInt16LE(payload.length + 4, 10);
  header.write(`M${kind}`, 12, 'latin1');
  header.writeUInt16LE(payload.length, 14);
  return Buffer.concat([header, payload, tail]);
}

/** The payload of the chunk that begins a buffer, or undefined when none of this kind does, whole. */
export function decodeChunk(kind: ChunkKind, bytes: Buffer): { payload: Buffer; length: number } | undefined {
  if (bytes.length < frameBytes || bytes.readUInt32BE(0) !== 0x1f8b0804) return undefined;
  const size = bytes.readUInt16LE(14);
  const length = size + frameBytes;
  const isOurs = bytes.toString('latin1', 12, 14) === `M${kind}` && bytes.readUInt16LE(10) === size + 4;
  if (!isOurs || bytes.length < length || !bytes.subarray(length - tail.length, length).equals(tail)) return undefined;
  return { payload: bytes.subarray(headerBytes, headerBytes + size), length };
}

export const maxChunkBytes = maxPayloadBytes + frameBytes;

export function deflateText(text: string): Buffer {
  return deflateSync(text);
}

export function inflateText(payload: Uint8Array): string {
  return inflateSync(payload, { maxOutputLength: 1 << 17 }).toString();
}
