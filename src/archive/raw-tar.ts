import type { FileHandle } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MusterError } from '../report/errors.ts';
import { packed } from './run-reader.ts';
import { blockBytes } from './tar-header.ts';

/** The tar within a file, decompressed where it is gzip. Rejects with `ArchiveBroken` when it looks like neither. */
export async function rawTar(handle: FileHandle, sizeBytes: number): Promise<Readable> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(blockBytes), 0, blockBytes, 0);
  const source = Readable.from(packed(handle, 0, sizeBytes), { objectMode: false });
  if (bytesRead >= 18 && buffer.readUInt16BE(0) === 0x1f8b) {
    const gunzip = createGunzip({ chunkSize: 1 << 16 });
    pipeline(source, gunzip, () => undefined);
    return gunzip;
  }
  if (bytesRead === blockBytes && isTarHeader(buffer)) return source;
  throw new MusterError('ArchiveBroken', 'the file is neither gzip nor tar');
}

function isTarHeader(block: Buffer): boolean {
  if (block.every((byte) => byte === 0)) return true;
  let sum = 8 * 32;
  for (const [i, byte] of block.entries()) if (i < 148 || i >= 156) sum += byte;
  return Number.parseInt(block.toString('latin1', 148, 156).trim(), 8) === sum;
}
