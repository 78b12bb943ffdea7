import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** A file of an archive, with its path in there. */
export type TarFile = { readonly name: string; readonly content: Buffer | string };

/** Every file below `folder`, under `prefix`. */
export function filesUnder(folder: string, prefix: string): TarFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { name: `${prefix}/${relative(folder, file).split(sep).join('/')}`, content: readFileSync(file) };
    });
}

/**
 * These files as a `.tar.gz`, the same bytes for the same files: sorted by name, all of one time, of nobody, readable by
 * everybody. Whole in memory: it is for releases, which are a few MB.
 */
export async function sortedTarGz(files: readonly TarFile[], date: Date): Promise<Buffer> {
  const tar = pack();
  const bytes = buffer(tar);
  for (const { name, content } of files.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    tar.entry({ name, mtime: date, mode: 0o644, uid: 0, gid: 0 }, content);
  tar.finalize();
  return gzipSync(await bytes, { level: 9 });
}
