import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, join, resolve } from 'node:path';
import { destinationError } from '../archive/destination-error.ts';
import type { Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import { createPatience } from './patience.ts';
import { pathOf, type ReportAnswer } from './report-answer.ts';
import { asServiceError, type ServiceClient } from './service-client.ts';
import { ServiceError } from './service-error.ts';

export type DownloadOptions = {
  readonly service: ServiceClient;
  readonly report: ReportAnswer;
  /** What the archive shall be called, or the folder that it goes to; its own name, here, unless told. */
  readonly file: string | undefined;
  /** Whether a file that is there already may be replaced. */
  readonly force: boolean;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  readonly progress: (doneBytes: number) => void;
  readonly note: (line: string) => void;
};

export type Downloaded = { readonly file: string; readonly sizeBytes: number; readonly sha256: string };

/** What is on disk of an archive, and its digest so far. */
type Part = { readonly handle: FileHandle; readonly path: string; doneBytes: number; hash: Hash };

/**
 * Fetches the archive of a report that has ended into `NAME.part`, and gives it its name when its SHA-256 is right. A
 * cut goes on where it was, and so does a `.part` that an earlier run left. Throws MusterError: DestinationUnusable and
 * DestinationFailed for the disk, ChangedMeanwhile when the archive became another one, ArchiveBroken for a wrong digest.
 */
export async function downloadArchive(options: DownloadOptions): Promise<Downloaded> {
  const { report } = options;
  const sizeBytes = report['archive-size'];
  const sha256 = report['archive-sha256'];
  if (sha256 === '') throw new MusterError('NotFound', `Report ${report.id} has no archive (${report.phase})`);
  const file = await targetOf(options);
  const part = await openPart(`${file}.part`);
  try {
    const wasThere = part.doneBytes > 0;
    if (part.doneBytes > sizeBytes) await startOver(part);
    await fetchRest(options, part);
    if (wasThere && part.hash.copy().digest('hex') !== sha256) {
      options.note(`${part.path} was of another archive: all of it is fetched again.`);
      await startOver(part);
      await fetchRest(options, part);
    }
    if (part.hash.digest('hex') !== sha256) {
      throw new MusterError(
        'ArchiveBroken',
        `What arrived of report ${report.id} has another SHA-256 than its archive`,
      );
    }
    await part.handle.sync();
    await giveName(part.path, file, options.force);
  } catch (error) {
    if (options.signal.aborted) {
      throw new MusterError('Interrupted', `The same command goes on from what is in ${part.path}`);
    }
    if (isOfNoUse(error)) await rm(part.path, { force: true });
    throw destinationError(part.path, error);
  } finally {
    await part.handle.close();
  }
  return { file, sizeBytes, sha256 };
}

/** What is on disk then is no beginning of anything; else a later run goes on from it. */
function isOfNoUse(error: unknown): boolean {
  return error instanceof MusterError && (error.code === 'ArchiveBroken' || error.code === 'ChangedMeanwhile');
}

async function targetOf({ report, file, force }: DownloadOptions): Promise<string> {
  const target = resolve(file ?? '.');
  const there = await stat(target).catch(() => undefined);
  const path = there?.isDirectory() ? join(target, safeName(report['archive-name'])) : target;
  const taken = path === target ? there : await stat(path).catch(() => undefined);
  if (taken?.isDirectory()) throw new MusterError('DestinationUnusable', `${path} is a folder`);
  if (taken !== undefined && !force) throw exists(path);
  return path;
}

const exists = (path: string) =>
  new MusterError('DestinationUnusable', `${path} is there already; --force replaces it`);

/** The service's name for the archive, as far as it is the name of a file and nothing else. */
function safeName(name: string): string {
  const last = basename(name.replaceAll('\\', '/')).replaceAll(/\p{C}/gu, '');
  return last === '' || last.startsWith('.') ? 'must-gather.tar.gz' : last;
}

/** Opens `NAME.part`, with the digest of what an earlier run left in it. No link is followed: its name can be guessed. */
async function openPart(path: string): Promise<Part> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    const hash = createHash('sha256');
    let doneBytes = 0;
    for await (const chunk of handle.createReadStream({ autoClose: false, start: 0 })) {
      hash.update(chunk);
      doneBytes += chunk.length;
    }
    return { handle, path, doneBytes, hash };
  } catch (error) {
    await handle?.close();
    throw destinationError(path, error);
  }
}

async function startOver(part: Part): Promise<void> {
  await part.handle.truncate(0);
  part.doneBytes = 0;
  part.hash = createHash('sha256');
}

/** Fetches what lacks, as often as it is cut; whatever arrives is progress, so only silence ends the patience. */
async function fetchRest(options: DownloadOptions, part: Part): Promise<void> {
  const { service, report, signal } = options;
  const patience = createPatience(options);
  while (part.doneBytes < report['archive-size']) {
    const before = part.doneBytes;
    try {
      await fetchOnce(options, part);
    } catch (error) {
      if (part.doneBytes > before) patience.succeeded();
      await patience.failed(asServiceError(service.url, error, signal));
    }
  }
}

async function fetchOnce({ service, report, signal, progress }: DownloadOptions, part: Part): Promise<void> {
  const tag = `"${report['archive-sha256']}"`;
  const rest = part.doneBytes === 0 ? {} : { range: `bytes=${part.doneBytes}-`, 'if-range': tag };
  const headers = { accept: 'application/gzip', 'accept-encoding': 'identity', ...rest };
  const answer = await service.open(`${pathOf(report.id)}/data`, { headers, signal });
  try {
    refuseOther(answer, report);
    // Something in between may not know ranges: then all of it comes again.
    if (answer.statusCode === 200 && part.doneBytes > 0) await startOver(part);
    if (answer.statusCode === 206) refuseOtherRange(answer, part, report);
    for await (const chunk of answer) {
      await append(part, chunk, report);
      progress(part.doneBytes);
    }
  } finally {
    answer.destroy();
  }
  if (part.doneBytes < report['archive-size']) {
    throw new ServiceError('ClusterUnreachable', `${service.url} ended the archive too early`, { isPassing: true });
  }
}

/** The entity tag is the SHA-256 of the archive; a proxy may have made it weak, or left it out. */
function refuseOther({ headers }: IncomingMessage, report: ReportAnswer): void {
  const tag = headers.etag?.replace(/^W\//, '');
  if (tag !== undefined && tag !== `"${report['archive-sha256']}"`) throw changed(report);
}

function refuseOtherRange({ headers }: IncomingMessage, part: Part, report: ReportAnswer): void {
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
  if (Number(first) === part.doneBytes && Number(size) === report['archive-size']) return;
  throw changed(report);
}

const changed = (report: ReportAnswer) =>
  new MusterError('ChangedMeanwhile', `The archive of report ${report.id} became another one while it was fetched`);

async function append(part: Part, chunk: Buffer, report: ReportAnswer): Promise<void> {
  if (part.doneBytes + chunk.length > report['archive-size']) throw changed(report);
  try {
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await part.handle.write(chunk, at, chunk.length - at, part.doneBytes + at);
      at += bytesWritten;
    }
  } catch (error) {
    throw destinationError(part.path, error);
  }
  part.hash.update(chunk);
  part.doneBytes += chunk.length;
}

/** Only `force` replaces what came to that name in the meantime: a link, unlike a rename, never does. */
async function giveName(from: string, to: string, force: boolean): Promise<void> {
  if (force) return await rename(from, to);
  try {
    await link(from, to);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') throw exists(to);
    // A file system without hard links.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return await rename(from, to);
    throw error;
  }
  await rm(from);
}
