import { constants } from 'node:fs';
import { access, mkdir, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { MusterError, messageOf } from '../report/errors.ts';

/** A destination with less room than this is taken for full: not even a small cluster's report fits. */
const LEAST_FREE_BYTES = 64 * 1024 * 1024;

export type Destination = {
  readonly archiveFile: string;
  /** Set when the person wants the tree in this folder, and no archive. */
  readonly unpackInto: string | undefined;
};

/**
 * Where the result goes, checked before anything is created in the cluster: it must be writable, with room. Throws
 * MusterError DestinationUnusable or InvalidInput, naming the flag.
 */
export async function prepareDestination(
  { archive, destDir }: { readonly archive?: string | undefined; readonly destDir?: string | undefined },
  topName: string,
): Promise<Destination> {
  if (destDir !== undefined) {
    // oc refuses a colon too: rsync would take the path for another host's.
    if (destDir.includes(':'))
      throw new MusterError('InvalidInput', `--dest-dir: "${destDir}" must not contain ":"`, { field: '--dest-dir' });
    const folder = resolve(destDir);
    await usable('--dest-dir', folder, () => mkdir(folder, { recursive: true }));
    return { archiveFile: resolve(folder, `${topName}.tar.gz`), unpackInto: folder };
  }
  const file = resolve(archive ?? `${topName}.tar.gz`);
  const existing = await stat(file).catch(() => undefined);
  if (existing?.isDirectory()) {
    throw new MusterError('InvalidInput', `--archive: "${file}" is a folder, a file is expected`, {
      field: '--archive',
    });
  }
  await usable('--archive', dirname(file), async () => undefined);
  return { archiveFile: file, unpackInto: undefined };
}

async function usable(flag: string, folder: string, make: () => Promise<unknown>): Promise<void> {
  const refuse = (why: string) => new MusterError('DestinationUnusable', `${flag}: ${why}`, { field: flag });
  let freeBytes: number;
  try {
    await make();
    await access(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(folder);
    freeBytes = bavail * bsize;
  } catch (error) {
    throw refuse(`cannot write to folder "${folder}": ${messageOf(error)}`);
  }
  if (freeBytes < LEAST_FREE_BYTES) throw refuse(`folder "${folder}" has only ${freeBytes} bytes free`);
}
