import { randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { orAborted } from '../kube/abort.ts';
import { MusterError } from '../report/errors.ts';
import { createPartBuffer } from './part-buffer.ts';
import { or, type S3, type S3Call } from './s3-client.ts';
import { copiedStretches, joinedPartBytes, leastCopiedBytes, leastPartBytes, mostParts } from './s3-parts.ts';
import type { Stretch } from './s3-read.ts';

/** Requests for one object at once; each upload holds its part in memory. */
const mostInFlight = 2;
const abortMs = 10_000;
/** Metadata by which an upload knows its own object again. */
const markName = 'muster-upload';

/** Lays one object down: by one request while it is small, else in parts. */
export type ObjectWriter = {
  /** Adds bytes; their memory is the caller's again. */
  write(bytes: Uint8Array): Promise<void>;
  /** From where on the server may copy a stretch once what is before has been written; undefined: all is to be written. */
  copyableFrom(stretch: Stretch): number | undefined;
  /** Adds a stretch from `from` to its end, as `copyableFrom` told. */
  copy(stretch: Stretch, from: number): Promise<void>;
  /** Makes the object be there. */
  finish(): Promise<void>;
  /** Undoes all on the server, as far as that can be reached. */
  abort(): Promise<void>;
};

export function openWriter(s3: S3, key: string, outerSignal: AbortSignal | undefined): ObjectWriter {
  const name = s3.nameOf(key);
  const object = { Bucket: s3.bucket, Key: name };
  const mark = randomUUID();
  const stop = new AbortController();
  const signal = outerSignal ? AbortSignal.any([outerSignal, stop.signal]) : stop.signal;
  const pending = createPartBuffer();
  const parts: { readonly PartNumber: number; ETag: string }[] = [];
  const inFlight = new Set<Promise<void>>();
  let creating: Promise<string> | undefined;
  let failure: { readonly error: unknown } | undefined;

  const nextNumber = () => parts.length + 1;

  /** Not called off by the signal: an upload whose number never arrived could not be aborted. */
  async function create(): Promise<string> {
    const command = new CreateMultipartUploadCommand({ ...object, Metadata: { [markName]: mark } });
    const { UploadId } = await s3.ask('store', name, (client) => client.send(command));
    if (UploadId) return UploadId;
    throw new MusterError('StoreUnavailable', `s3://${s3.bucket}/${name}: the server gave the upload no number`);
  }

  async function launch(send: (place: { UploadId: string; PartNumber: number }) => Promise<string | undefined>) {
    if (parts.length === mostParts) {
      throw new MusterError('DestinationFailed', `s3://${s3.bucket}/${name} is too large: S3 takes ${mostParts} parts`);
    }
    creating ??= create();
    const UploadId = await orAborted(creating, signal);
    while (inFlight.size >= mostInFlight) await Promise.race(inFlight);
    if (failure) throw failure.error;
    const part = { PartNumber: nextNumber(), ETag: '' };
    parts.push(part);
    const run = send({ UploadId, PartNumber: part.PartNumber })
      .then((etag) => {
        part.ETag = etag ?? '';
      })
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => inFlight.delete(run));
    inFlight.add(run);
  }

  async function flush(): Promise<void> {
    const Body = pending.take();
    await launch(async (place) => {
      const command = new UploadPartCommand({ ...object, ...place, Body });
      const { ETag } = await s3.ask('store', name, (client, options) => client.send(command, options), signal);
      pending.giveBack(Body);
      return ETag;
    });
  }

  async function write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      // Only when more is to come: an object of just this size is one request.
      const partBytes = joinedPartBytes(nextNumber());
      if (pending.sizeBytes() >= partBytes) await flush();
      at += pending.add(bytes.subarray(at), partBytes);
    }
  }

  function copyableFrom({ start, end, objectBytes }: Stretch): number | undefined {
    // "You can copy a range only if the source object is greater than 5 MB" (API_UploadPartCopy).
    if (objectBytes <= leastPartBytes) return undefined;
    const isLarge = pending.sizeBytes() === 0 || pending.sizeBytes() >= leastPartBytes;
    const from = isLarge ? start : start + leastPartBytes - pending.sizeBytes();
    return end - from >= leastCopiedBytes(nextNumber() + 1) ? from : undefined;
  }

  async function copy({ name: source, etag, end }: Stretch, from: number): Promise<void> {
    if (pending.sizeBytes() > 0) await flush();
    for (const stretch of copiedStretches(from, end)) {
      const CopySource = `${s3.bucket}/${source}`;
      const CopySourceRange = `bytes=${stretch.start}-${stretch.end - 1}`;
      await launch(async (place) => {
        // What was read for the digest is what must be copied.
        const of = { CopySource, CopySourceRange, CopySourceIfMatch: etag };
        const command = new UploadPartCopyCommand({ ...object, ...place, ...of });
        const answer = await s3.ask('copy', source, (client, options) => client.send(command, options), signal);
        return answer.CopyPartResult?.ETag;
      });
    }
  }

  async function complete(UploadId: string): Promise<void> {
    const command = new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts: parts } });
    const send: S3Call<void> = async (client, options) => void (await client.send(command, options));
    const isGone = await s3.ask('store', name, or('gone', 'NoSuchUpload', send), signal);
    // Where the answer was lost and the request sent again, the upload is gone because it is done.
    if (isGone && !(await isOurs())) {
      throw new MusterError('StoreUnavailable', `s3://${s3.bucket}/${name}: somebody else ended its upload`);
    }
  }

  async function isOurs(): Promise<boolean> {
    const head = new HeadObjectCommand(object);
    const { Metadata } = await s3.ask('store', name, (client, options) => client.send(head, options), signal);
    return Metadata?.[markName] === mark;
  }

  async function finish(): Promise<void> {
    if (!creating) {
      const command = new PutObjectCommand({ ...object, Body: pending.take() });
      await s3.ask('store', name, (client, options) => client.send(command, options), signal);
      return;
    }
    if (pending.sizeBytes() > 0) await flush();
    await Promise.all(inFlight);
    if (failure) throw failure.error;
    await complete(await creating);
  }

  async function abort(): Promise<void> {
    stop.abort();
    await Promise.all(inFlight);
    const UploadId = await creating?.catch(() => undefined);
    if (!UploadId) return;
    const command = new AbortMultipartUploadCommand({ ...object, UploadId });
    const deadline = AbortSignal.timeout(abortMs);
    // The error that led here is the one to tell; what stays the next start sweeps.
    await s3.ask('store', name, (client, options) => client.send(command, options), deadline).catch(() => undefined);
  }

  return { write, copyableFrom, copy, finish, abort };
}
