import { finished, type Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';

/** One header of a tar, as it says of itself: nothing here is checked. */
export type TarItem = {
  /** Bytes as they stand, or text where a pax header says the name. */
  readonly name: string | Uint8Array;
  readonly type: string;
  readonly linkTarget: string | Uint8Array;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly mtimeMs: number;
  /** Stored with holes, in a way that only GNU tar understands. */
  readonly sparse: boolean;
  /** Where the content begins, in bytes of the tar. */
  readonly contentOffset: number;
  readonly content: AsyncIterable<Uint8Array>;
  /** Whether the stream broke within the content, as far as it was read. */
  isCut(): boolean;
};

/** Reads a tar (not compressed) item by item. Content that is not read is skipped. A broken stream throws. */
export async function* scanTar(stream: Readable, signal?: AbortSignal): AsyncGenerator<TarItem> {
  // Latin 1 keeps every byte of a name, whatever it was meant to be.
  const options = { filenameEncoding: 'latin1' as BufferEncoding, allowUnknownFormat: true };
  // The package's own types know neither option, nor byteOffset below.
  const tar = extract(options as Parameters<typeof extract>[0]);
  const stop = (error?: unknown) => tar.destroy(error instanceof Error ? error : new Error('aborted'));
  const onAbort = () => stop(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  finished(stream, { writable: false }, (error) => {
    if (error) stop(error);
  });
  stream.pipe(tar);
  try {
    for await (const content of tar) {
      yield itemOf(content.header, content as unknown as AsyncIterable<Uint8Array>);
      content.resume();
    }
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stream.unpipe(tar);
    stream.destroy();
  }
}

function itemOf(header: Header & { byteOffset?: number }, source: AsyncIterable<Uint8Array>): TarItem {
  const pax = (header.pax ?? {}) as Record<string, string | undefined>;
  const paxMtimeMs = Math.floor(Number(pax.mtime) * 1000);
  return {
    name: pax.path ?? Buffer.from(header.name, 'latin1'),
    type: header.type ?? 'unknown',
    linkTarget: pax.linkpath ?? Buffer.from(header.linkname ?? '', 'latin1'),
    sizeBytes: header.type === 'directory' ? 0 : (header.size ?? 0),
    mode: (header.mode ?? 0) & 0o7777,
    mtimeMs: sane(pax.mtime === undefined ? header.mtime?.getTime() : paxMtimeMs),
    sparse: Object.keys(pax).some((key) => key.startsWith('GNU.sparse.')),
    contentOffset: header.byteOffset ?? 0,
    ...watched(source, header.size ?? 0),
  };
}

function watched(source: AsyncIterable<Uint8Array>, sizeBytes: number) {
  let broke = false;
  const read = async function* () {
    let left = sizeBytes;
    try {
      for await (const chunk of source) {
        left -= chunk.length;
        yield chunk;
      }
      broke = left > 0;
    } catch (error) {
      broke = true;
      throw error;
    }
  };
  return { content: read(), isCut: () => broke };
}

function sane(mtimeMs: number | undefined): number {
  return mtimeMs !== undefined && Number.isSafeInteger(mtimeMs) ? mtimeMs : 0;
}
