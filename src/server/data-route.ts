import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { archiveName } from '../report/archive-name.ts';
import { MusterError } from '../report/errors.ts';
import { answerDownload, contentDisposition } from '../report/rest-download.ts';
import { type ReportObject, restState } from '../report/rest-report.ts';
import { sendError } from './answer.ts';
import type { ArchiveFile } from './reports.ts';

/**
 * Sends the archive, or the part of it that was asked for. A download that was cut goes on with Range and If-Range: the
 * entity tag is the archive's SHA-256, so nobody joins halves of two archives.
 */
export async function sendArchive(
  request: FastifyRequest,
  reply: FastifyReply,
  report: ReportObject,
  archive: ArchiveFile,
): Promise<FastifyReply> {
  const etag = `"${archive.sha256}"`;
  const finishedAt = report.status?.finishedAt;
  const lastModified = finishedAt === undefined ? undefined : new Date(finishedAt).toUTCString();
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
    { sizeBytes: archive.sizeBytes, etag, lastModified },
  );
  if (answer.status === 304) return reply.code(304).send();
  if (answer.status === 412)
    throw new MusterError('ChangedMeanwhile', 'The archive is another one than If-Match names.');
  if (answer.status === 416) {
    reply.header('content-range', `bytes */${archive.sizeBytes}`);
    return sendError(reply, new MusterError('RangeOutside', `The archive has ${archive.sizeBytes} bytes.`));
  }
  const { start, end } = answer.range;
  reply.code(answer.status).headers({
    'content-type': 'application/gzip',
    'content-length': String(end - start),
    'content-disposition': contentDisposition(report.status?.archive?.name ?? archiveName(report.spec.customName)),
  });
  if (answer.status === 206) reply.header('content-range', `bytes ${start}-${end - 1}/${archive.sizeBytes}`);
  if (isHead) return reply.send();
  return reply.send(start === end ? Readable.from([]) : archive.read(answer.range));
}

/** Why there is nothing to fetch. */
export function noArchive(report: ReportObject): MusterError {
  const which = `Report ${report.status?.id ?? report.metadata.name}`;
  const state = restState(report);
  if (state === 'new' || state === 'inprogress') return new MusterError('NotFound', `${which} has no archive yet.`);
  return new MusterError('NotFound', `${which} has no archive${state === 'error' ? ': it failed' : ' any more'}.`);
}
