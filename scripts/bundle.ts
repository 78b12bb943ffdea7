// Makes dist/muster.mjs: Muster in one file, as the image carries it. `node scripts/bundle.ts [FILE]`.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const [, , file = join(root, 'dist', 'muster.mjs')] = process.argv;

await build({
  input: join(root, 'src/cli/bin.ts'),
  platform: 'node',
  // The sandbox starts processes from its own sources and reads its images: it stays with the sources.
  external: [/\/sandbox\//],
  transform: { define: { MUSTER_VERSION: JSON.stringify(version) } },
  output: { file, format: 'esm', minify: true, codeSplitting: false },
});
console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
