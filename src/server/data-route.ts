import type { FastifyReply, FastifyRequest } from 'fastify';
import { archiveName } from '../report/archive-name.ts';
import { MusterError } from '../report/errors.ts';
import { type ReportObject, restState } from '../report/rest-report.ts';
import { whileAsked } from './deadlines.ts';
import { sendDownload } from './download.ts';
import type { ArchiveFile, Reports } from './reports.ts';

/** The archive of a report that has one. Throws MusterError NotFound, and why. */
export async function archiveOf(
  report: ReportObject,
  reports: Pick<Reports, 'archive'>,
  request: FastifyRequest,
): Promise<ArchiveFile> {
  // Also of a report that was cancelled or failed: what was gathered until then is kept to be read.
  const isThere = report.status?.archive !== undefined;
  const archive = isThere ? await reports.archive(report, whileAsked(request)) : undefined;
  if (archive === undefined) throw noArchive(report);
  return archive;
}

/** Sends the archive, or the part of it that was asked for. The entity tag is its SHA-256. */
export function sendArchive(
  request: FastifyRequest,
  reply: FastifyReply,
  report: ReportObject,
  archive: ArchiveFile,
): Promise<FastifyReply> {
  return sendDownload(request, reply, {
    sizeBytes: archive.sizeBytes,
    etag: `"${archive.sha256}"`,
    lastModified: lastModifiedOf(report),
    contentType: 'application/gzip',
    fileName: report.status?.archive?.name ?? archiveName(report.spec.customName),
    read: (range) => archive.read(range),
  });
}

/** For `Last-Modified`: nothing changes in an archive after its report has ended. */
export function lastModifiedOf({ status }: ReportObject): string | undefined {
  return status?.finishedAt === undefined ? undefined : new Date(status.finishedAt).toUTCString();
}

/** Why there is nothing to fetch. */
/** Why there is nothing to fetch. */
export function noArchive(report: ReportObject): MusterError {
  const which = `Report ${report.status?.id ?? report.metadata.name}`;
  const state = restState(report);
  if (state === 'new' || state === 'inprogress') return new MusterError('NotFound', `${which} has no archive yet.`);
  return new MusterError('NotFound', `${which} has no archive${state === 'error' ? ': it failed' : ' any more'}.`);
}
