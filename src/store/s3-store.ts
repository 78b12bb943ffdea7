import { createHash } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type _Object,
  DeleteObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import { refuseOther } from './check-bytes.ts';
import { mergePieces } from './merge-pieces.ts';
import { checkKey, isKey } from './object-key.ts';
import type { S3 } from './s3-client.ts';
import { openStretch } from './s3-read.ts';
import { type ObjectWriter, openWriter } from './s3-writer.ts';
import type { ByteRange, Digest, Piece, PutOptions, Store, StoredObject } from './store.ts';
import { untilAborted } from './until-aborted.ts';

const mostDeletes = 8;
/** Whoever asks whether it answers does not wait for long. */
const answersWithinMs = 5000;

type Take = (bytes: Uint8Array) => void;

/** A store in a bucket, below a prefix. `s3` is the store's own from here on: closing the store closes it. */
export function s3Store(s3: S3): Omit<Store, 'sweepUnfinished'> {
  /** `fill` gives the writer what the object is to be, and all its bytes to `take`, for the digest. */
  async function lay(
    key: string,
    fill: (writer: ObjectWriter, take: Take) => Promise<void>,
    { expected, signal }: PutOptions,
  ): Promise<Digest> {
    const writer = openWriter(s3, key, signal);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    try {
      await fill(writer, (bytes) => {
        hash.update(bytes);
        sizeBytes += bytes.length;
      });
      const digest = { sizeBytes, sha256: hash.digest('hex') };
      refuseOther(key, digest, expected);
      await writer.finish();
      return digest;
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  const put = (key: string, bytes: AsyncIterable<Uint8Array>, options: PutOptions = {}) =>
    lay(
      key,
      async (writer, take) => {
        for await (const chunk of untilAborted(bytes, options.signal)) {
          take(chunk);
          await writer.write(chunk);
        }
      },
      options,
    );

  const compose = (key: string, pieces: AsyncIterable<Piece> | Iterable<Piece>, options: PutOptions = {}) =>
    lay(
      key,
      async (writer, take) => {
        for await (const piece of mergePieces(untilAborted(pieces, options.signal))) {
          await layPiece(piece, writer, take, options.signal);
        }
      },
      options,
    );

  async function layPiece(piece: Piece, writer: ObjectWriter, take: Take, signal?: AbortSignal): Promise<void> {
    if ('bytes' in piece) {
      take(piece.bytes);
      return await writer.write(piece.bytes);
    }
    const stretch = await openStretch(s3, piece.key, piece.range, signal);
    try {
      const copyFrom = writer.copyableFrom(stretch) ?? stretch.end;
      let at = stretch.start;
      for await (const chunk of stretch.bytes) {
        take(chunk);
        if (at < copyFrom) await writer.write(chunk.subarray(0, copyFrom - at));
        const before = at;
        at += chunk.length;
        if (copyFrom < stretch.end && before <= copyFrom && copyFrom < at) await writer.copy(stretch, copyFrom);
      }
    } finally {
      stretch.close();
    }
  }

  async function read(key: string, range?: ByteRange): Promise<Readable> {
    const stretch = await openStretch(s3, key, range);
    const out = new PassThrough();
    out.once('close', stretch.close);
    // What goes wrong the stream tells its reader.
    pipeline(stretch.bytes, out).catch(() => undefined);
    return out;
  }

  async function* listed(Prefix: string): AsyncGenerator<_Object> {
    let page: ListObjectsV2CommandOutput | undefined;
    do {
      const ContinuationToken = page?.NextContinuationToken;
      const command = new ListObjectsV2Command({ Bucket: s3.bucket, Prefix, ContinuationToken });
      page = await s3.ask('list', Prefix, (client, options) => client.send(command, options));
      yield* page.Contents ?? [];
    } while (page.IsTruncated && page.NextContinuationToken);
  }

  async function list(folder: string): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    const below = listed(folder === '' ? s3.prefix : `${s3.nameOf(folder)}/`);
    for await (const { Key = '', Size = 0, LastModified } of below) {
      const key = Key.slice(s3.prefix.length);
      // Whatever else lies below the prefix is not Muster's.
      if (isKey(key)) found.push({ key, sizeBytes: Size, storedAtMs: LastModified?.getTime() ?? 0 });
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async function remove(key: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: s3.bucket, Key: s3.nameOf(key) });
    await s3.ask('remove', s3.nameOf(key), (client, options) => client.send(command, options));
  }

  /** One by one: what deletes many at once, other servers than AWS want signed in other ways. */
  async function removeFolder(folder: string): Promise<void> {
    checkKey(folder);
    const left = (await list(folder)).map((object) => object.key);
    const worker = async () => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) await remove(key);
    };
    await Promise.all(Array.from({ length: mostDeletes }, worker));
  }

  return {
    put,
    compose,
    read,
    list,
    remove,
    removeFolder,
    freeBytes: async () => undefined,
    check: async () => {
      const command = new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: s3.prefix, MaxKeys: 1 });
      const within = AbortSignal.timeout(answersWithinMs);
      await s3.ask('list', s3.prefix, (client, options) => client.send(command, options), within);
    },
    close: async () => s3.close(),
  };
}
