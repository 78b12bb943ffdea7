import { cutStretch, cutStretchBefore, endOf, STRETCH_BYTES, type Stretch } from './stretch.ts';

/** Reads bytes of a file from a place on, and tells its size. Throws RequestFailed. */
export type ReadBytes = (
  range: { readonly offset: number; readonly length: number },
  signal: AbortSignal,
) => Promise<{ readonly bytes: Uint8Array; readonly sizeBytes: number }>;

/** Where a line begins of which one has counted the number, found out on the way through a file. */
export type LinePlace = { readonly offset: number; readonly line: number };

/** Reads a file by stretches of `STRETCH_BYTES` at most. */
export type StretchReader = {
  /** The first one, and the size of the file. */
  first(signal: AbortSignal): Promise<{ readonly stretch: Stretch; readonly sizeBytes: number }>;
  /** The one that begins at a place. */
  at(place: LinePlace, signal: AbortSignal): Promise<Stretch>;
  /** The one after it; undefined at the end. */
  after(stretch: Stretch, signal: AbortSignal): Promise<Stretch | undefined>;
  /** The one before it; undefined at the beginning. */
  before(stretch: Stretch, signal: AbortSignal): Promise<Stretch | undefined>;
  /** The last one. */
  last(signal: AbortSignal): Promise<Stretch>;
};

export function createStretchReader(read: ReadBytes): StretchReader {
  let fileBytes = 0;
  const at = async (offset: number, firstLine: number | undefined, signal: AbortSignal) => {
    const { bytes, sizeBytes } = await read({ offset, length: STRETCH_BYTES }, signal);
    fileBytes = sizeBytes;
    return cutStretch(bytes, { offset, isEnd: offset + bytes.length >= sizeBytes, firstLine });
  };
  const endingBefore = async (next: Stretch, signal: AbortSignal) => {
    const length = Math.min(STRETCH_BYTES, next.offset);
    const { bytes } = await read({ offset: next.offset - length, length }, signal);
    return cutStretchBefore(bytes, { before: next });
  };
  return {
    at: ({ offset, line }, signal) => at(offset, line, signal),
    first: async (signal) => {
      const stretch = await at(0, 1, signal);
      return { stretch, sizeBytes: fileBytes };
    },
    after: async (stretch, signal) => {
      const offset = endOf(stretch);
      if (offset >= fileBytes) return undefined;
      const { firstLine, lineBreaks } = stretch;
      return await at(offset, firstLine === undefined ? undefined : firstLine + lineBreaks, signal);
    },
    before: async (stretch, signal) => (stretch.offset === 0 ? undefined : await endingBefore(stretch, signal)),
    last: async (signal) => {
      const end = cutStretch(new Uint8Array(), { offset: fileBytes, isEnd: true, firstLine: undefined });
      return await endingBefore(end, signal);
    },
  };
}

/** The stretches of a file from one on, in order. */
export async function* stretchesFrom(
  reader: StretchReader,
  begin: Stretch,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  for (let at: Stretch | undefined = begin; at !== undefined; at = await reader.after(at, signal)) yield at;
}
