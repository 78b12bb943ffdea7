import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { GetObjectCommand, type GetObjectCommandOutput, HeadObjectCommand } from '@aws-sdk/client-s3';
import { MusterError } from '../report/errors.ts';
import { rangeWithin } from './check-bytes.ts';
import { or, type S3, type S3Call } from './s3-client.ts';
import type { ByteRange } from './store.ts';

/** So often a body that was cut is asked for again from where it was cut, unless more of it came in between. */
const mostCuts = 4;
const firstPauseMs = 100;

/** A stretch of an object, opened: what it is of, and its bytes, which come once. */
export type Stretch = {
  readonly name: string;
  readonly etag: string;
  readonly objectBytes: number;
  readonly start: number;
  readonly end: number;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Lets go of the connection; whoever opened it calls this, also after the last byte. */
  close(): void;
};

/** Asks for a stretch; `NotFound` and `RangeOutside` come now, a cut body is resumed while it is read. */
export async function openStretch(s3: S3, key: string, range?: ByteRange, signal?: AbortSignal): Promise<Stretch> {
  const { start, end } = range ?? { start: 0 };
  const name = s3.nameOf(key);
  // S3 has no way to ask for no bytes, and answers 416 to a stretch that begins where the object ends (RFC 9110 §14.1.2).
  const first = end === undefined || start < end ? await get(s3, name, start, end, signal) : 'outside';
  if (first === 'outside') return await emptyStretch(s3, key, range, signal);
  try {
    const within = rangeWithin(key, first.objectBytes, range);
    const { etag, objectBytes } = first;
    return { name, etag, objectBytes, ...within, ...resuming(s3, name, first, within.end, signal) };
  } catch (error) {
    first.body.destroy();
    throw error;
  }
}

type Got = { readonly body: Readable; readonly etag: string; readonly objectBytes: number; readonly start: number };

async function get(
  s3: S3,
  name: string,
  start: number,
  end: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Got | 'outside'> {
  const isWhole = start === 0 && end === undefined;
  const range = isWhole ? {} : { Range: `bytes=${start}-${end === undefined ? '' : end - 1}` };
  const command = new GetObjectCommand({ Bucket: s3.bucket, Key: name, ...range });
  const send: S3Call<GetObjectCommandOutput> = (client, options) => client.send(command, options);
  const answer = await s3.ask('read', name, or('outside', 'InvalidRange', send), signal);
  if (answer === 'outside') return answer;
  const body = answer.Body as Readable;
  const [, from = '0', total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.ContentRange ?? '') ?? [];
  if (Number(from) === start) {
    return { body, etag: answer.ETag ?? '', objectBytes: Number(total ?? answer.ContentLength), start };
  }
  body.destroy();
  throw new MusterError('StoreUnavailable', `s3://${s3.bucket}/${name}: the server does not answer ranges`);
}

async function emptyStretch(s3: S3, key: string, range?: ByteRange, signal?: AbortSignal): Promise<Stretch> {
  const name = s3.nameOf(key);
  const command = new HeadObjectCommand({ Bucket: s3.bucket, Key: name });
  const head = await s3.ask('read', name, (client, options) => client.send(command, options), signal);
  const objectBytes = head.ContentLength ?? 0;
  const { start } = rangeWithin(key, objectBytes, range);
  return {
    name,
    etag: head.ETag ?? '',
    objectBytes,
    start,
    end: start,
    bytes: Readable.from([]),
    close: () => undefined,
  };
}

/** The bytes of a body; where it is cut they go on with a further answer, as long as the object is the same. */
function resuming(s3: S3, name: string, first: Got, end: number, signal: AbortSignal | undefined) {
  let { body } = first;
  let at = first.start;
  let cuts = 0;
  let cutBy: unknown;
  let isClosed = false;

  async function* untilCut(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        const wanted = chunk.subarray(0, end - at);
        at += wanted.length;
        cuts = 0;
        yield wanted;
        if (wanted.length < chunk.length) return;
      }
      cutBy = new Error('the answer ended early');
    } catch (error) {
      cutBy = error;
    } finally {
      body.destroy();
    }
  }

  async function goOn(): Promise<void> {
    signal?.throwIfAborted();
    // Told through `ask`, as every failure of the server.
    if (cuts === mostCuts) await s3.ask('read', name, () => Promise.reject(cutBy), signal);
    await pause(firstPauseMs * 2 ** cuts, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
    cuts += 1;
    const next = await get(s3, name, at, end, signal);
    if (next !== 'outside' && next.etag === first.etag) {
      ({ body } = next);
      return;
    }
    if (next !== 'outside') next.body.destroy();
    throw new MusterError('ChangedMeanwhile', `s3://${s3.bucket}/${name} was changed while it was read`);
  }

  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield* untilCut();
      if (at === end || isClosed) return;
      await goOn();
    }
  }

  const close = () => {
    isClosed = true;
    body.destroy();
  };
  return { bytes: bytes(), close };
}
