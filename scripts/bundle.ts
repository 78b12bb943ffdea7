// Makes dist/muster.mjs and, beside it, the files that it loads, as the image carries them: `node scripts/bundle.ts [FILE]`.
import { cpSync, existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'rolldown';
import { keepPackages } from './bundled-packages.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const [, , file = join(root, 'dist', 'muster.mjs')] = process.argv;

const name = basename(file, '.mjs');

// What an earlier build left is loaded by nothing, but would be carried along.
for (const old of globSync(`${name}-*.mjs`, { cwd: dirname(file) })) rmSync(join(dirname(file), old));

const { output } = await build({
  input: { [name]: join(root, 'src/cli/bin.ts') },
  platform: 'node',
  // The sandbox starts processes from its own sources and reads its images: it stays with the sources.
  external: [/\/sandbox\//],
  transform: { define: { MUSTER_VERSION: JSON.stringify(version) } },
  // In one file every command would take in what any of them needs: 104 MB for `muster pack`, instead of 61 (measured).
  output: {
    dir: dirname(file),
    entryFileNames: '[name].mjs',
    chunkFileNames: `${name}-[name].mjs`,
    format: 'esm',
    minify: true,
  },
});
keepPackages(
  'program',
  output.flatMap((piece) => (piece.type === 'chunk' ? piece.moduleIds : [])),
  join(dirname(file), 'packages'),
);
// `muster serve` finds the pages and the console's plugin beside it; `npm run pages` and `npm run plugin` build them.
for (const name of ['pages', 'plugin']) {
  const built = join(root, 'dist', name);
  const carried = join(dirname(file), name);
  if (existsSync(built) && carried !== built) cpSync(built, carried, { recursive: true });
  if (existsSync(carried)) compressIn(carried);
}

/** As browsers fetch them, so that no server has to compress them. */
function compressIn(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css|html|svg|json|txt)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
  }
}

const sizeBytes = output.reduce(
  (sum, piece) => sum + Buffer.byteLength('code' in piece ? piece.code : piece.source),
  0,
);
console.log(`${file} and ${output.length - 1} files beside it: ${(sizeBytes / 1e6).toFixed(1)} MB`);
