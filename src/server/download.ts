import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MusterError } from '../report/errors.ts';
import { answerDownload, type ByteRange, contentDisposition } from '../report/rest-download.ts';
import { sendError } from './answer.ts';

/** Bytes that are fetched whole or in parts. */
export type Download = {
  readonly sizeBytes: number;
  /** Entity tag with its quotes: other bytes have another. */
  readonly etag: string;
  readonly lastModified: string | undefined;
  readonly contentType: string;
  /** What the file is called where it is saved. */
  readonly fileName: string;
  read(range: ByteRange): Readable | Promise<Readable>;
};

/**
 * Sends the bytes, or the part of them that was asked for, under the conditions of the request (RFC 9110 §13, §14): a
 * download that was cut goes on with Range and If-Range, and nobody joins halves of two files.
 */
export async function sendDownload(
  request: FastifyRequest,
  reply: FastifyReply,
  download: Download,
): Promise<FastifyReply> {
  const { sizeBytes, etag, lastModified } = download;
  reply.headers({ etag, 'accept-ranges': 'bytes', ...(lastModified ? { 'last-modified': lastModified } : {}) });
  const isHead = request.method === 'HEAD';
  const { headers } = request;
  const answer = answerDownload(
    {
      // Range means something for GET only (RFC 9110 §14.2).
      range: isHead ? undefined : headers.range,
      ifRange: headers['if-range']?.toString(),
      ifMatch: headers['if-match'],
      ifNoneMatch: headers['if-none-match'],
    },
    { sizeBytes, etag, lastModified },
  );
  if (answer.status === 304) return reply.code(304).send();
  if (answer.status === 412) throw new MusterError('ChangedMeanwhile', 'It is another one than If-Match names.');
  if (answer.status === 416) {
    reply.header('content-range', `bytes */${sizeBytes}`);
    return sendError(reply, new MusterError('RangeOutside', `There are ${sizeBytes} bytes.`));
  }
  const { start, end } = answer.range;
  reply.code(answer.status).headers({
    'content-type': download.contentType,
    'content-length': String(end - start),
    'content-disposition': contentDisposition(download.fileName),
  });
  if (answer.status === 206) reply.header('content-range', `bytes ${start}-${end - 1}/${sizeBytes}`);
  if (isHead) return reply.send();
  return reply.send(start === end ? Readable.from([]) : await download.read(answer.range));
}
