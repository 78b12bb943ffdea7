// Which npm packages a bundler really put into what it made. Each of the three builds (the program, the pages, the console's
// plugin) writes its list; scripts/sbom.ts reads them.
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '..');
// A working tree may have its packages elsewhere, behind a link; bundlers tell the real paths.
const home = dirname(realpathSync(join(root, 'node_modules')));

/** What one build makes. */
export type BuiltPart = 'program' | 'pages' | 'plugin';

/** The parts of a release, in the order in which they are built. */
export const builtParts: readonly BuiltPart[] = ['pages', 'plugin', 'program'];

/**
 * The packages that these files belong to, as package-lock.json names them (`node_modules/a/node_modules/@b/c`), sorted.
 * Muster's own files, and what a bundler makes up itself, belong to none.
 */
export function packagesOf(files: Iterable<string>, folder = home): string[] {
  const found = new Set<string>();
  for (const file of files) {
    // Rolldown and webpack mark what they made of a file: `\0file`, `file?query`, `file|layer`.
    const path = relative(folder, file.replace(/^\0+/, '').replace(/[?|].*$/, ''))
      .split(sep)
      .join('/');
    const name = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
    if (name !== undefined && !name.startsWith('..')) found.add(name);
  }
  return [...found].sort();
}

/** Keeps the packages of these files as those of `part`, in `folder` (dist/packages). */
export function keepPackages(part: BuiltPart, files: Iterable<string>, folder = join(root, 'dist', 'packages')): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${part}.json`), `${JSON.stringify(packagesOf(files), null, 2)}\n`);
}

/** What `keepPackages` kept; throws where the part was not built. */
export function keptPackages(part: BuiltPart, folder = join(root, 'dist', 'packages')): string[] {
  return JSON.parse(readFileSync(join(folder, `${part}.json`), 'utf8')) as string[];
}
