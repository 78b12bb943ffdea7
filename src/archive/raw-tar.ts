import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MusterError } from '../report/errors.ts';
import { type ByteSource, readAt } from './byte-source.ts';
import { blockBytes } from './tar-header.ts';

/** The tar within a file, decompressed where it is gzip. Rejects with `ArchiveBroken` when it looks like neither. */
export async function rawTar(bytes: ByteSource): Promise<Readable> {
  const first = await readAt(bytes, 0, blockBytes);
  const source = Readable.from(bytes.read({ start: 0, end: bytes.sizeBytes }), { objectMode: false });
  if (first.length >= 18 && first.readUInt16BE(0) === 0x1f8b) {
    const gunzip = createGunzip({ chunkSize: 1 << 16 });
    pipeline(source, gunzip, () => undefined);
    return gunzip;
  }
  if (first.length === blockBytes && isTarHeader(first)) return source;
  throw new MusterError('ArchiveBroken', 'the file is neither gzip nor tar');
}

function isTarHeader(block: Buffer): boolean {
  if (block.every((byte) => byte === 0)) return true;
  let sum = 8 * 32;
  for (const [i, byte] of block.entries()) if (i < 148 || i >= 156) sum += byte;
  return Number.parseInt(block.toString('latin1', 148, 156).trim(), 8) === sum;
}
