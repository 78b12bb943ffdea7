import { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/**
 * What a container wrote, in a file as the CRI lays it down: time, stream, `F` for a full line or `P` for a piece of
 * one, text. Pieces are at most 16 KiB, so a line without end costs no memory.
 */
export type ContainerLog = {
  /** Writes a stream down until its end; both streams of a container may come at once. */
  take(stream: 'stdout' | 'stderr', source: Readable): Promise<void>;
  /** Nothing more will come. */
  end(): Promise<void>;
  entries(options: { follow: boolean; signal: AbortSignal }): AsyncGenerator<LogEntry>;
};

export type LogEntry = { readonly time: string; readonly isFull: boolean; readonly text: Buffer };

const pieceBytes = 16 * 1024;
const lineBreak = 0x0a;

/** Starts the log of one run of a container; `stamp` gives RFC 3339 times with nanoseconds, never going back. */
export async function openContainerLog(path: string, stamp: () => string): Promise<ContainerLog> {
  const file = await open(path, 'w');
  const grown = new EventEmitter().setMaxListeners(0);
  let sizeBytes = 0;
  let hasEnded = false;
  // One write after the other, so that entries of the two streams do not run into one another.
  let last: Promise<void> = Promise.resolve();
  const append = (bytes: Buffer): Promise<void> => {
    last = last.then(async () => {
      await writeAll(file, bytes);
      sizeBytes += bytes.length;
      grown.emit('grown');
    });
    return last;
  };

  return {
    async take(stream, source) {
      let rest = Buffer.alloc(0);
      for await (const chunk of source) {
        const { entries, left } = entriesOf(Buffer.concat([rest, chunk as Buffer]), stream, stamp);
        rest = Buffer.from(left);
        if (entries.length > 0) await append(Buffer.concat(entries));
      }
      if (rest.length > 0) await append(entryOf(stream, stamp(), 'P', rest));
    },
    async end() {
      await last;
      hasEnded = true;
      grown.emit('grown');
      await file.close();
    },
    async *entries({ follow, signal }) {
      let fromBytes = 0;
      for (;;) {
        const toBytes = sizeBytes;
        const wasLast = hasEnded || !follow;
        if (toBytes > fromBytes) yield* read(path, fromBytes, toBytes);
        fromBytes = toBytes;
        if (wasLast) return;
        if (sizeBytes === toBytes && !hasEnded) await growth(grown, signal);
      }
    },
  };
}

function growth(grown: EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const end = (settle: () => void) => () => {
      grown.off('grown', onGrown);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onGrown = end(resolve);
    const onAbort = end(() => reject(signal.reason));
    grown.once('grown', onGrown);
    signal.addEventListener('abort', onAbort);
  });
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

function entriesOf(bytes: Buffer, stream: string, stamp: () => string): { entries: Buffer[]; left: Buffer } {
  const entries: Buffer[] = [];
  let from = 0;
  while (from < bytes.length) {
    const found = bytes.indexOf(lineBreak, from);
    const end = found === -1 ? bytes.length : found;
    if (end - from > pieceBytes) {
      entries.push(entryOf(stream, stamp(), 'P', bytes.subarray(from, from + pieceBytes)));
      from += pieceBytes;
    } else if (found === -1) break;
    else {
      entries.push(entryOf(stream, stamp(), 'F', bytes.subarray(from, end)));
      from = end + 1;
    }
  }
  return { entries, left: bytes.subarray(from) };
}

function entryOf(stream: string, time: string, tag: 'F' | 'P', text: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${time} ${stream} ${tag} `), text, Buffer.from('\n')]);
}

async function* read(path: string, fromBytes: number, toBytes: number): AsyncGenerator<LogEntry> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { start: fromBytes, end: toBytes - 1 })) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let end = bytes.indexOf(lineBreak); end !== -1; end = bytes.indexOf(lineBreak, from)) {
      yield parsed(bytes.subarray(from, end));
      from = end + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
  }
}

function parsed(line: Buffer): LogEntry {
  const time = line.indexOf(' ');
  const stream = line.indexOf(' ', time + 1);
  const text = line.subarray(stream + 3);
  return { time: line.toString('latin1', 0, time), isFull: line[stream + 1] === 0x46, text };
}

/** A clock for log lines: wall time with nanoseconds, each later than the one before. */
export function lineClock(nowMs: () => number): () => string {
  let lastNs = 0n;
  return () => {
    const wallNs = BigInt(Math.floor(nowMs())) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n);
    lastNs = wallNs > lastNs ? wallNs : lastNs + 1n;
    const seconds = new Date(Number(lastNs / 1_000_000n)).toISOString().slice(0, 19);
    return `${seconds}.${String(lastNs % 1_000_000_000n).padStart(9, '0')}Z`;
  };
}
