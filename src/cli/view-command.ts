import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { Archive, IndexedEntry } from '../archive/read-archive.ts';
import { openArchive } from '../archive/read-archive.ts';
import { MusterError } from '../report/errors.ts';
import { spelledOut } from './printable.ts';
import type { Program } from './program.ts';
import { writeText } from './write-text.ts';

/** `muster view ARCHIVE [PATH]`: lists what is inside, or prints one file, without unpacking. */
export function addViewCommand(root: Command, program: Program): void {
  root
    .command('view')
    .description('list an archive, or print one file of it, without unpacking')
    .argument('<archive>', 'a .tar.gz of Muster, or made by others')
    .argument('[path]', 'a file to print, or a folder to list; the top folder may be left out')
    .action(async (file: string, path: string | undefined) => {
      const archive = await openArchive(file);
      try {
        await show(archive, path, program);
      } finally {
        await archive.close();
      }
    });
}

async function show(archive: Archive, asked: string | undefined, program: Program): Promise<void> {
  const wanted = asked?.replace(/\/+$/, '');
  if (wanted !== undefined && archive.indexed && (await printByIndex(archive, wanted, program))) return;
  let found = wanted === undefined;
  for await (const entry of archive.entries()) {
    if (wanted !== undefined && isNamed(entry, wanted)) {
      if (entry.type !== 'directory') return await print(archive, entry.path, program);
      found = true;
    }
    if (wanted === undefined || isBelow(entry, wanted)) {
      found = true;
      await writeText(program.stdout, listingLine(entry));
    }
  }
  if (!found) throw new MusterError('NotFound', `there is no "${wanted}" in the archive`);
}

/** A file by its path, with or without the top folder, in two short reads; false when there is no such file. */
async function printByIndex(archive: Archive, wanted: string, program: Program): Promise<boolean> {
  for await (const { path } of archive.entries()) {
    const top = path.slice(0, path.indexOf('/'));
    for (const candidate of [wanted, `${top}/${wanted}`]) {
      try {
        await print(archive, candidate, program);
        return true;
      } catch (error) {
        const isNoFile = error instanceof MusterError && ['NotFound', 'InvalidInput'].includes(error.code);
        if (!isNoFile) throw error;
      }
    }
    break; // all entries of an archive share the top folder of the first
  }
  return false;
}

async function print(archive: Archive, path: string, program: Program): Promise<void> {
  await pipeline(await archive.read(path), program.stdout, { end: false });
}

/** Whoever looks into a must-gather knows paths below its top folder, whose name is different each time. */
function withoutTop(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

function isNamed({ path }: IndexedEntry, wanted: string): boolean {
  return path === wanted || withoutTop(path) === wanted;
}

function isBelow({ path }: IndexedEntry, wanted: string): boolean {
  return path.startsWith(`${wanted}/`) || withoutTop(path).startsWith(`${wanted}/`);
}

function listingLine(entry: IndexedEntry): string {
  const when = new Date(entry.mtimeMs).toISOString().replace('T', ' ').slice(0, 19);
  const target = entry.linkTarget === undefined ? '' : ` -> ${entry.linkTarget}`;
  const slash = entry.type === 'directory' ? '/' : '';
  const name = spelledOut(`${entry.path}${slash}${target}`);
  return `${String(entry.sizeBytes).padStart(12)}  ${when}  ${name}\n`;
}
