import { createHash } from 'node:crypto';
import { type PackEnd, partKeys, type RunningGather, TAKEN_OVER } from '../gather/ingest.ts';
import { MusterError } from '../report/errors.ts';
import type { Store } from '../store/store.ts';

/** A body as it comes in, and what its sender says that it is. */
export type Upload = {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
};

/** Where an upload of `members` goes on, and whether the last one counted. */
export type Taken = { readonly taken: boolean; readonly membersBytes: number };

/** The part of one gather, as it grows in the store. Calls may overlap; they are served one after the other. */
export type IngestPart = {
  membersBytes(): Promise<number>;
  /** Takes the chunk that follows, or one that is there already; any other leaves everything as it is. */
  putChunk(offset: number, upload: Upload): Promise<Taken>;
  putWhole(name: 'record' | 'events', upload: Upload): Promise<void>;
  /** Says that the part is complete; not taken when members are missing. Throws Conflict when the record is missing. */
  putEnd(end: PackEnd): Promise<Taken>;
};

type Known = { membersBytes: number; hasRecord: boolean; hasEnd: boolean };

/** What is there is read from the store once, so that another replica or a new process goes on where the last one was. */
export function openIngestPart(store: Store, gather: RunningGather): IngestPart {
  let known: Known | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work, work);
    last = done.catch(() => undefined);
    return done;
  };
  const facts = async (): Promise<Known> => {
    known ??= await look(store, gather);
    return known;
  };
  const stored = async (key: string, { bytes, sizeBytes, sha256 }: Upload) => {
    await store.put(key, untilTakenOver(gather, bytes), { expected: { sizeBytes, sha256 } });
  };
  return {
    membersBytes: () => inTurn(async () => (await facts()).membersBytes),
    putChunk: (offset, upload) =>
      inTurn(async () => {
        refuseTakenOver(gather);
        const is = await facts();
        if (offset < is.membersBytes) {
          return { taken: await isThere(store, gather, offset, upload), membersBytes: is.membersBytes };
        }
        if (offset > is.membersBytes || is.hasEnd) return { taken: false, membersBytes: is.membersBytes };
        await stored(partKeys.chunk(gather, offset), upload);
        is.membersBytes += upload.sizeBytes;
        return { taken: true, membersBytes: is.membersBytes };
      }),
    putWhole: (name, upload) =>
      inTurn(async () => {
        refuseTakenOver(gather);
        const is = await facts();
        if (is.hasEnd) throw new MusterError('Conflict', 'The part is complete; nothing can be added to it.');
        await stored(partKeys[name](gather), upload);
        is.hasRecord ||= name === 'record';
      }),
    putEnd: (end) =>
      inTurn(async () => {
        refuseTakenOver(gather);
        const is = await facts();
        if (!is.hasRecord) throw new MusterError('Conflict', "The part's record is not there yet.");
        if (end.membersBytes !== is.membersBytes) return { taken: false, membersBytes: is.membersBytes };
        await store.put(partKeys.end(gather), once(Buffer.from(JSON.stringify(end))));
        is.hasEnd = true;
        return { taken: true, membersBytes: is.membersBytes };
      }),
  };
}

async function look(store: Store, gather: RunningGather): Promise<Known> {
  const objects = await store.list(partKeys.folder(gather));
  const found: Known = { membersBytes: 0, hasRecord: false, hasEnd: false };
  for (const { key, sizeBytes } of objects) {
    // By key, and so by offset. What lies behind a gap is of no use.
    if (key === partKeys.chunk(gather, found.membersBytes)) found.membersBytes += sizeBytes;
    found.hasRecord ||= key === partKeys.record(gather);
    found.hasEnd ||= key === partKeys.end(gather);
  }
  return found;
}

/** Whether this very chunk is stored: its answer may have been lost on the way. */
async function isThere(store: Store, gather: RunningGather, offset: number, upload: Upload): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    for await (const piece of await store.read(partKeys.chunk(gather, offset))) hash.update(piece);
  } catch (error) {
    if (error instanceof MusterError && error.code === 'NotFound') return false;
    throw error;
  }
  return hash.digest('hex') === upload.sha256;
}

/** Once the server itself brings the files out, it writes under the same keys. */
function refuseTakenOver(gather: RunningGather): void {
  if (gather.stopReason() !== TAKEN_OVER) return;
  throw new MusterError('Conflict', 'The files of this gather are being brought out in another way.');
}

async function* untilTakenOver(gather: RunningGather, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    refuseTakenOver(gather);
    yield piece;
  }
  refuseTakenOver(gather);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
