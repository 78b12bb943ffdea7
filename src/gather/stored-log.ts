import { Readable } from 'node:stream';
import type { Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import type { Store, StoredObject } from '../store/store.ts';

/** A log in the store, readable from any replica while it grows. */
export type StoredLog = {
  /**
   * Takes whole lines; once it was closed, the next `close` writes them. What the store cannot take in time is left out,
   * with a line that says so.
   */
  write(text: string): void;
  /** Everything is in the store when this resolves; rejects when the store does not take it. */
  close(): Promise<void>;
};

export type StoredLogOptions = {
  readonly store: Store;
  readonly folder: string;
  readonly timers: Timers;
  /** Told of a failure that is tried again. */
  readonly onError: (error: unknown) => void;
};

/** How long a line waits before readers see it, and how much is written at once. */
const FLUSH_EVERY_MS = 1000;
const FLUSH_BYTES = 256 * 1024;
/** Above it nothing more is taken until the store has caught up: memory is bounded. */
const MOST_PENDING_BYTES = 4 * 2 ** 20;
/** So many pieces are joined into one: a day's log must not be a hundred thousand objects. */
const MOST_PIECES = 100;
/** A log that was removed while it was read has no more to tell. */
const MOST_FRUITLESS_LOOKS = 4;

/**
 * Opens a log to write on at its end. It is a series of objects named by their offset; one that begins below the end of
 * another is covered by it, which is how pieces are joined while somebody reads.
 */
export async function openStoredLog({ store, folder, timers, onError }: StoredLogOptions): Promise<StoredLog> {
  const before = await piecesOf(store, folder);
  let pieces = before.length;
  let offset = before.reduce((end, piece) => Math.max(end, offsetOf(piece) + piece.sizeBytes), 0);
  const pending: string[] = [];
  let pendingBytes = 0;
  let linesLeftOut = 0;
  let writing: Promise<void> = Promise.resolve();
  let callOff: (() => void) | undefined;

  const flushNow = async () => {
    if (pendingBytes === 0) return;
    const bytes = Buffer.from(pending.join(''));
    const count = pending.length;
    await store.put(keyAt(folder, offset), Readable.from([bytes]));
    pending.splice(0, count);
    pendingBytes -= bytes.length;
    offset += bytes.length;
    pieces += 1;
    if (pieces > MOST_PIECES) pieces = await joinPieces(store, folder);
  };
  const flush = () => {
    callOff?.();
    callOff = undefined;
    writing = writing.catch(() => undefined).then(flushNow);
    return writing;
  };
  let isBusy = false;
  let isClosed = false;
  const inBackground = async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      await flush();
    } catch (error) {
      onError(error);
      soon();
    }
    isBusy = false;
  };
  const soon = () => {
    if (isClosed) return;
    callOff ??= timers.after(FLUSH_EVERY_MS, () => void inBackground());
  };
  const take = (text: string) => {
    pending.push(text);
    pendingBytes += Buffer.byteLength(text);
  };
  const tellLeftOut = () => {
    if (linesLeftOut > 0) take(`… ${linesLeftOut} lines are left out here: the store was too slow for them\n`);
    linesLeftOut = 0;
  };
  return {
    write(text) {
      if (pendingBytes > MOST_PENDING_BYTES) {
        linesLeftOut += 1;
        return;
      }
      tellLeftOut();
      take(text);
      if (pendingBytes > FLUSH_BYTES && callOff === undefined) void inBackground();
      else soon();
    },
    close: async () => {
      isClosed = true;
      // Twice: what came while the first was on its way.
      await flush().catch(onError);
      tellLeftOut();
      await flush();
    },
  };
}

/** The bytes of a log from `from` on, as far as they are stored now. */
export async function* readStoredLog(store: Store, folder: string, from = 0): AsyncGenerator<Buffer> {
  let at = from;
  for (let fruitless = 0; fruitless < MOST_FRUITLESS_LOOKS; fruitless += 1) {
    try {
      for await (const chunk of readPieces(store, await piecesOf(store, folder), at)) {
        at += chunk.length;
        fruitless = 0;
        yield chunk;
      }
      return;
    } catch (error) {
      // Pieces were joined between the look and the read: the joined one has the same bytes.
      if (!isMissing(error)) throw error;
    }
  }
}

async function* readPieces(store: Store, pieces: readonly StoredObject[], from: number): AsyncGenerator<Buffer> {
  let at = from;
  for (const piece of pieces) {
    const start = offsetOf(piece);
    if (start + piece.sizeBytes <= at || start > at) continue;
    for await (const chunk of await store.read(piece.key, { start: at - start })) {
      at += chunk.length;
      yield chunk;
    }
  }
}

/** Bytes of a log that are stored now. */
export async function storedLogBytes(store: Store, folder: string): Promise<number> {
  return (await piecesOf(store, folder)).reduce((end, piece) => Math.max(end, offsetOf(piece) + piece.sizeBytes), 0);
}

/** The first and the last `limitBytes` of a log, whole lines, with a line between that says what was left out. */
export async function logExcerpt(store: Store, folder: string, limitBytes: number): Promise<string> {
  const sizeBytes = await storedLogBytes(store, folder);
  const text = async (from: number, most: number) => {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of readStoredLog(store, folder, from)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= most) break;
    }
    return Buffer.concat(chunks).subarray(0, most).toString();
  };
  if (sizeBytes <= 2 * limitBytes) return await text(0, sizeBytes);
  const head = (await text(0, limitBytes)).replace(/[^\n]*$/, '');
  const tail = (await text(sizeBytes - limitBytes, limitBytes)).replace(/^[^\n]*\n/, '');
  const leftOut = sizeBytes - Buffer.byteLength(head) - Buffer.byteLength(tail);
  return `${head}… ${leftOut} bytes are left out here: the archive has them …\n${tail}`;
}

/** In order; what a longer piece covers is left out. */
async function piecesOf(store: Store, folder: string): Promise<StoredObject[]> {
  const found = await store.list(folder);
  let end = -1;
  return found.filter((piece) => {
    const pieceEnd = offsetOf(piece) + piece.sizeBytes;
    if (pieceEnd <= end) return false;
    end = pieceEnd;
    return true;
  });
}

async function joinPieces(store: Store, folder: string): Promise<number> {
  const pieces = await store.list(folder);
  const first = keyAt(folder, 0);
  const live = await piecesOf(store, folder);
  await store.compose(
    first,
    live.map(({ key }) => ({ key })),
  );
  for (const { key } of pieces) if (key !== first) await store.remove(key);
  return 1;
}

const isMissing = (error: unknown) => error instanceof MusterError && error.code === 'NotFound';
const keyAt = (folder: string, offset: number) => `${folder}/${String(offset).padStart(16, '0')}`;
const offsetOf = ({ key }: StoredObject) => Number(key.slice(key.lastIndexOf('/') + 1));
