import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Member } from './part-record.ts';

/** Raw bytes of a stretch of a run, `offset` counted in its decompressed bytes. */
export function readRun(handle: FileHandle, members: readonly Member[], offset: number, length: number): Readable {
  return Readable.from(stretch(handle, members, offset, length), { objectMode: false });
}

async function* stretch(handle: FileHandle, members: readonly Member[], offset: number, length: number) {
  let start = 0;
  const end = offset + length;
  for (const member of members) {
    const memberEnd = start + member.rawBytes;
    if (memberEnd > offset && start < end) {
      yield* slice(gunzipped(packed(handle, member.position, member.packedBytes)), offset - start, end - start);
    }
    start = memberEnd;
  }
}

/** Decompresses one gzip member, or several in a row. */
export async function* gunzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 1 << 16 });
  const source = Readable.from(bytes, { objectMode: false });
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    yield* gunzip;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/**
 * Bytes of a file from `position` on, piece by piece; fewer when the file ends. With `scratch` every piece is that
 * buffer: for those who are done with one before they ask for the next.
 */
export async function* packed(
  handle: FileHandle,
  position: number,
  count: number,
  scratch?: Buffer,
): AsyncGenerator<Buffer> {
  for (let done = 0; done < count; ) {
    const buffer = scratch ?? Buffer.allocUnsafe(Math.min(1 << 16, count - done));
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, count - done), position + done);
    if (bytesRead === 0) return;
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The bytes from `from` to before `to` of a sequence; reads no further than that. */
export async function* slice(chunks: AsyncIterable<Uint8Array>, from: number, to: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of chunks) {
    const begin = Math.max(from - at, 0);
    const end = Math.min(to - at, chunk.length);
    if (begin < end) yield chunk.subarray(begin, end);
    at += chunk.length;
    if (at >= to) return;
  }
}
