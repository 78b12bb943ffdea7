import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessGone, ownProcessMark } from '../gather/process-mark.ts';

const PREFIX = 'muster-serve-';
const MARK_FILE = 'process';

/**
 * Makes a folder in `parent` for what a server keeps on this machine, and removes those that killed servers left there:
 * of the same identity, as containers of one pod have it one after another, and of processes of this machine that are gone.
 */
export async function openWorkDirectory(parent: string, identity: string): Promise<string> {
  const own = PREFIX + identity;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX) || !(name === own || (await isLeft(join(parent, name))))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
  const directory = join(parent, own);
  await mkdir(directory, { mode: 0o700 });
  await writeFile(join(directory, MARK_FILE), ownProcessMark());
  return directory;
}

/** Somebody else's cannot be read, and is left alone. */
async function isLeft(directory: string): Promise<boolean> {
  const mark = await readFile(join(directory, MARK_FILE), 'utf8').catch(() => '');
  return mark !== '' && isProcessGone(mark);
}
