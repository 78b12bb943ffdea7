import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isProcessGone, ownProcessMark } from './process-mark.ts';

/** A folder beside the archive for everything that is not sealed yet; on the same disk, so that moving is free. */
export type Workspace = { readonly directory: string; remove(): Promise<void> };

const MARK_FILE = 'process';
const WORKSPACE_NAME = /\.partial-\d+$/;

/** Makes the workspace, and removes those of processes that were killed, as far as they stand in the same folder. */
export async function openWorkspace(archiveFile: string): Promise<Workspace> {
  const folder = dirname(archiveFile);
  await sweepWorkspaces(folder);
  const directory = join(folder, `${basename(archiveFile)}.partial-${process.pid}`);
  await mkdir(directory, { mode: 0o700 });
  await writeFile(join(directory, MARK_FILE), ownProcessMark());
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

async function sweepWorkspaces(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!WORKSPACE_NAME.test(name)) continue;
    const mark = await readFile(join(folder, name, MARK_FILE), 'utf8').catch(() => ''); // not ours, or just being made
    if (mark !== '' && isProcessGone(mark)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
