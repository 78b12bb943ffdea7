// After `npm run bundle`, writes what the image carries about itself into dist/doc: the list of what it is made of (SPDX
// 2.3), and the licences of that, word for word, as they ask for. `node scripts/sbom.ts [DIST]`.
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtParts, keptPackages } from './bundled-packages.ts';
import { sourceDate } from './source-date.ts';
import { type Contained, containedPackages, type LockedPackage, spdxDocument } from './spdx.ts';

const root = join(import.meta.dirname, '..');

function main(dist: string): void {
  const { version, license } = readJson<{ version: string; license: string }>('package.json');
  const { packages: lock } = readJson<{ packages: Record<string, LockedPackage> }>('package-lock.json');
  const parts = Object.fromEntries(builtParts.map((part) => [part, keptPackages(part, join(dist, 'packages'))]));
  const document = spdxDocument({ version, license, createdAt: sourceDate(process.env), parts, lock });
  const contained = containedPackages({ parts, lock });
  const folder = join(dist, 'doc');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'muster.spdx.json'), `${JSON.stringify(document, null, 2)}\n`);
  writeFileSync(join(folder, 'third-party-licences.txt'), contained.map(licenceText).join('\n'));
  console.log(`${folder}: ${contained.length} packages`);
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(join(root, name), 'utf8')) as T;
}

/** What a package says about its licence: its own files, or, where it has none, the name of the licence. */
function licenceText({ name, version, license, paths: [path = ''] }: Contained): string {
  const folder = join(dirname(realpathSync(join(root, 'node_modules'))), path);
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort();
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const title = `${name} ${version} (${license})`;
  return `${title}\n${'='.repeat(title.length)}\n${texts.join('\n\n') || 'The package carries no text of its licence.'}\n`;
}

main(process.argv[2] ?? join(root, 'dist'));
