import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { membersName, type PartWriter, recordName } from '../archive/part-writer.ts';
import { sleep, type Timers } from '../kube/timers.ts';
import { MOST_CHUNK_BYTES } from './ingest.ts';
import type { PackerClient } from './packer-client.ts';

/** What is lost at most with a packer that is killed: the rest of the members, and a record of them. */
const SNAPSHOT_WAITS_MS = 5_000;
/** A copy of the record blocks this process: it may take a twentieth of its time. */
const SNAPSHOT_COST = 20;
/** A large file that is being packed is in no record before it is packed, and need not be waited for. */
const FLUSH_WITHIN_MS = 1_000;

export type PackerUpload = {
  /** Uploads what is worth it by now: whole chunks, and now and then the rest and a copy of the record. */
  step(signal: AbortSignal): Promise<void>;
  /** Uploads all members that are there, `from` where the server has got, and answers with their bytes. */
  members(signal: AbortSignal, from?: number): Promise<number>;
  /** Takes the record, that of the finished part or a copy of it as it is now; the function that it answers with uploads it. */
  record(isFinished: boolean): Promise<(signal: AbortSignal) => Promise<void>>;
};

export type PackerUploadOptions = {
  readonly client: PackerClient;
  /** Of the part that `writer` writes. */
  readonly directory: string;
  readonly writer: Pick<PartWriter, 'copyRecord' | 'flush' | 'stats'>;
  readonly timers: Timers;
};

/** Brings a part to the server while it grows. Calls must not overlap. */
export function createPackerUpload({ client, directory, writer, timers }: PackerUploadOptions): PackerUpload {
  const file = join(directory, membersName);
  const copy = join(directory, 'record-copy.db');
  let uploadedBytes = 0;
  let snapshotAtMs = timers.now();
  let snapshotTookMs = 0;
  /** What the last one told of. */
  let snapshotOf = 0;

  // Asks until it is answered: a chunk that was sent once is sent again as it was, whatever the file has by then.
  const chunk = async (end: number, signal: AbortSignal) => {
    const { status, body } = await client.ask(
      'PUT',
      `members/${uploadedBytes}`,
      { file, start: uploadedBytes, end },
      signal,
    );
    const membersBytes = status === 200 ? end : Number(body.membersBytes);
    if (!(membersBytes >= 0) || membersBytes === uploadedBytes || membersBytes > (await stat(file)).size) {
      signal.throwIfAborted();
      throw new Error(`the server takes no members at ${uploadedBytes}: ${JSON.stringify(body)}`);
    }
    uploadedBytes = membersBytes;
  };
  const upTo = async (sizeBytes: number, signal: AbortSignal) => {
    while (uploadedBytes < sizeBytes) {
      await chunk(Math.min(uploadedBytes + MOST_CHUNK_BYTES, sizeBytes), signal);
    }
  };
  const readyRecord = async (isFinished: boolean) => {
    const path = isFinished ? join(directory, recordName) : copy;
    if (!isFinished) {
      await rm(copy, { force: true });
      writer.copyRecord(copy);
    }
    const { size } = await stat(path);
    return async (signal: AbortSignal) => {
      await client.ask('PUT', 'record', { file: path, start: 0, end: size }, signal);
    };
  };

  return {
    async step(signal) {
      const { size } = await stat(file);
      await upTo(size - ((size - uploadedBytes) % MOST_CHUNK_BYTES), signal);
      const waited = timers.now() - snapshotAtMs;
      const { contentBytes } = writer.stats();
      if (contentBytes === snapshotOf || waited < Math.max(SNAPSHOT_WAITS_MS, SNAPSHOT_COST * snapshotTookMs)) return;
      snapshotAtMs = timers.now();
      await Promise.race([writer.flush(), sleep(timers, FLUSH_WITHIN_MS)]);
      const beganMs = timers.now();
      const send = await readyRecord(false);
      snapshotTookMs = timers.now() - beganMs;
      await upTo((await stat(file)).size, signal);
      await send(signal);
      snapshotOf = contentBytes;
    },
    async members(signal, from = uploadedBytes) {
      uploadedBytes = Math.min(from, uploadedBytes);
      await upTo((await stat(file)).size, signal);
      return uploadedBytes;
    },
    record: readyRecord,
  };
}
