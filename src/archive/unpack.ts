import { constants } from 'node:fs';
import { chmod, type FileHandle, link, lstat, mkdir, open, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileSource } from './byte-source.ts';
import { destinationError } from './destination-error.ts';
import type { Entry, Say } from './entry.ts';
import { rawTar } from './raw-tar.ts';
import { asBroken, openFile } from './read-archive.ts';
import { quoteName } from './safe-path.ts';
import { judgeTarItem } from './tar-entry.ts';
import { scanTar, type TarItem } from './tar-scan.ts';

export type Unpacked = { readonly files: number; readonly contentBytes: number; readonly leftOut: number };

export type UnpackOptions = {
  readonly say: Say;
  /** Only what lies below this folder of the archive, and without the folder itself; everything unless told. */
  readonly below?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Writes an archive's tree below a folder, over what is there. Clean names only; nothing is written through a link,
 * and links that stay inside are made last. Modes are the nine permission bits, folders stay usable by their owner.
 */
export async function unpackArchive(file: string, destinationDir: string, options: UnpackOptions): Promise<Unpacked> {
  const { say, signal, below = '' } = options;
  const handle = await openFile(file);
  const links = openLinks();
  const totals = { files: 0, contentBytes: 0, leftOut: 0 };
  const leaveOut = (name: string | Uint8Array, reason: string) => {
    totals.leftOut += 1;
    say(`left out ${quoteName(name)}: ${reason}`);
  };
  const safely = async (entry: Entry, make: () => Promise<void>) => {
    const through = await folderFor(destinationDir, dirname(entry.path));
    if (through !== undefined) leaveOut(entry.path, `${quoteName(through)} is no folder`);
    else await make();
  };
  const makeLinks = async () => {
    // Hard links first: their targets are files, and no link stands in the way yet.
    for (const type of ['hardlink', 'symlink'] as const) {
      for (const entry of links.all(type)) {
        await safely(entry, async () => {
          const reason = await makeLink(destinationDir, entry);
          if (reason !== undefined) leaveOut(entry.path, reason);
        });
      }
    }
  };
  try {
    await mkdir(destinationDir, { recursive: true });
    for await (const item of readItems(handle, signal)) {
      const judged = judgeTarItem(item, '');
      if ('refused' in judged) {
        if (!judged.quiet) leaveOut(item.name, judged.refused);
        continue;
      }
      const entry = entryBelow(judged.entry, below);
      if (entry === undefined) continue;
      if (entry.linkTarget !== undefined) links.add(entry);
      else await safely(entry, () => makeEntry(destinationDir, entry, item, totals));
    }
    await makeLinks();
    return totals;
  } catch (error) {
    throw destinationError(destinationDir, error);
  } finally {
    links.close();
    await handle.close();
  }
}

/** The entry as it is called from within the folder; nothing for the folder itself and for what is not in it. */
function entryBelow(entry: Entry, folder: string): Entry | undefined {
  if (folder === '') return entry;
  const within = (path: string) => (path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined);
  const path = within(entry.path);
  if (path === undefined) return undefined;
  // A hard link's target is a path of the archive, a symlink's is relative to where it lies.
  if (entry.type !== 'hardlink') return { ...entry, path };
  return { ...entry, path, linkTarget: within(entry.linkTarget ?? '') ?? entry.linkTarget };
}

async function* readItems(handle: FileHandle, signal: AbortSignal | undefined): AsyncGenerator<TarItem> {
  const items = scanTar(await rawTar(fileSource(handle, (await handle.stat()).size)), signal);
  try {
    for (;;) {
      const next = await items.next().catch((error: unknown) => {
        signal?.throwIfAborted();
        throw asBroken(error);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await items.return(undefined);
  }
}

/** Links wait on disk: a hostile archive may be made of them. */
function openLinks() {
  const database = new DatabaseSync('');
  database.exec('CREATE TABLE links (path TEXT PRIMARY KEY, type TEXT, target TEXT, mtime REAL) WITHOUT ROWID');
  const put = database.prepare('INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?)');
  return {
    add({ path, type, linkTarget, mtimeMs }: Entry): void {
      put.run(path, type, linkTarget ?? '', mtimeMs);
    },
    *all(type: 'hardlink' | 'symlink'): Generator<Entry> {
      for (const row of database.prepare('SELECT * FROM links WHERE type = ?').iterate(type)) {
        const [path, linkTarget] = [String(row.path), String(row.target)];
        yield { path, type, linkTarget, sizeBytes: 0, mode: 0o777, mtimeMs: Number(row.mtime) };
      }
    },
    close: () => database.close(),
  };
}

/** Makes the folders of a path; the first that is something else (a link, a file) is the answer. */
async function folderFor(root: string, folder: string): Promise<string | undefined> {
  if (folder === '.') return undefined;
  const above = await folderFor(root, dirname(folder));
  if (above !== undefined) return above;
  const found = await lstat(join(root, folder)).catch(absent);
  if (found === undefined) await mkdir(join(root, folder));
  else if (!found.isDirectory()) return folder;
  return undefined;
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

async function makeEntry(
  root: string,
  entry: Entry,
  item: TarItem,
  totals: { files: number; contentBytes: number },
): Promise<void> {
  const target = join(root, entry.path);
  const found = await lstat(target).catch(absent);
  if (entry.type === 'directory') {
    if (found && !found.isDirectory()) await rm(target);
    if (!found?.isDirectory()) await mkdir(target);
    await chmod(target, (entry.mode & 0o777) | 0o700);
    return;
  }
  // A new file, never the old one's bytes: that may have other names elsewhere.
  if (found) await rm(target, { recursive: true });
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const handle = await open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    if (entry.sizeBytes > 0) for await (const chunk of item.content) await handle.appendFile(chunk);
    await handle.chmod(entry.mode & 0o777);
    await handle.utimes(entry.mtimeMs / 1000, entry.mtimeMs / 1000);
  } finally {
    await handle.close();
  }
  totals.files += 1;
  totals.contentBytes += entry.sizeBytes;
}

async function makeLink(root: string, entry: Entry): Promise<string | undefined> {
  const path = join(root, entry.path);
  const existing = await lstat(path).catch(absent);
  if (existing?.isDirectory()) return 'a folder has this name';
  if (entry.type === 'symlink') {
    if (existing) await rm(path);
    await symlink(entry.linkTarget ?? '', path);
    return undefined;
  }
  const target = entry.linkTarget ?? '';
  const found = await lstat(join(root, target)).catch(absent);
  if (!found?.isFile() || (await folderFor(root, dirname(target))) !== undefined) {
    return `its link target ${quoteName(target)} is no file of the archive`;
  }
  if (existing) await rm(path);
  await link(join(root, target), path);
  return undefined;
}
