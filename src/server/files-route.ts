import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FolderEntry } from '../archive/folder-page.ts';
import { type IndexedArchive, openIndexedArchive } from '../archive/read-archive.ts';
import { MusterError } from '../report/errors.ts';
import { quoted } from '../report/refusal.ts';
import { folderLink, parseFolderQuery, type RestFolderEntry } from '../report/rest-files.ts';
import type { ReportObject } from '../report/rest-report.ts';
import { sendJson } from './answer.ts';
import { lastModifiedOf } from './data-route.ts';
import { sendDownload } from './download.ts';
import type { ArchiveFile } from './reports.ts';
import { queryOf } from './request-spec.ts';

/**
 * Answers what lies at a path of the archive, out of its index: a folder as a list, a file as its bytes. A symlink is told
 * in its folder's list and never followed. Returns whether it was a file.
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  report: ReportObject,
  file: ArchiveFile,
  path: string,
): Promise<'file' | 'folder'> {
  const archive = await openIndexedArchive(file);
  const found = path === '' ? undefined : await archive.find(path);
  if (found === undefined || found.type === 'directory') {
    await sendFolder(request, reply, archive, path, found !== undefined);
    return 'folder';
  }
  // A hard link has the content of its target, which is a file of the archive.
  const target = found.type === 'hardlink' ? await archive.find(found.linkTarget ?? '') : found;
  if (target?.type !== 'file') {
    const what = found.type === 'symlink' ? `a symlink to ${quoted(found.linkTarget ?? '')}` : 'a link to nothing';
    throw new MusterError('InvalidInput', `${quoted(path)} is ${what}, which is not followed.`);
  }
  await sendDownload(request, reply, {
    sizeBytes: target.sizeBytes,
    etag: `"${createHash('sha256').update(`${file.sha256}/${path}`).digest('hex')}"`,
    lastModified: lastModifiedOf(report),
    contentType: contentTypeOf(path),
    fileName: path.slice(path.lastIndexOf('/') + 1),
    read: ({ start, end }) => archive.read(path, { offset: start, length: end - start }),
  });
  return 'file';
}

async function sendFolder(
  request: FastifyRequest,
  reply: FastifyReply,
  archive: IndexedArchive,
  path: string,
  isKnown: boolean,
): Promise<void> {
  const query = parseFolderQuery(queryOf(request));
  const page = await archive.list(path, query);
  if (page.entries.length === 0 && !isKnown && path !== '') {
    throw new MusterError('NotFound', `There is no ${quoted(path)} in the archive.`);
  }
  const link = folderLink(request.url, query, page.next);
  if (link !== undefined) reply.header('link', link);
  sendJson(reply, page.entries.map(restEntry));
}

function restEntry({ name, type, sizeBytes, mtimeMs, linkTarget }: FolderEntry): RestFolderEntry {
  return {
    name,
    type,
    sizeBytes,
    mtime: mtimeMs === undefined ? null : new Date(mtimeMs).toISOString(),
    ...(linkTarget === undefined ? {} : { linkTarget }),
  };
}

const TEXT = /\.(log|txt|ya?ml|json|md|conf|cfg|ini|toml|env|sh|csv)$/i;

/** Nothing out of an archive ever runs in a browser: it is text or bytes, is not guessed at (nosniff), and is saved. */
function contentTypeOf(path: string): string {
  return TEXT.test(path) ? 'text/plain; charset=utf-8' : 'application/octet-stream';
}
