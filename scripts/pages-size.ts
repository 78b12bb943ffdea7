// What a browser loads before the first page shows: index.html, and the scripts and styles that it names, compressed. Fails
// above the floor of shared/design.md; fonts are told beside it: text shows without them (font-display: swap).
//
//   npm run pages && node scripts/pages-size.ts
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const FLOOR_BYTES = 300_000;
const folder = path.join(import.meta.dirname, '..', 'dist', 'pages');

const compressedBytes = (name: string) => gzipSync(readFileSync(path.join(folder, name))).length;
const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

const index = readFileSync(path.join(folder, 'index.html'), 'utf8');
const named = [...index.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, name = '']) => name);
const firstBytes = ['index.html', ...named].reduce((sum, name) => sum + compressedBytes(name), 0);
for (const name of named) console.log(`  ${name}: ${kB(compressedBytes(name))}`);
const others = readdirSync(path.join(folder, 'assets')).filter((name) => !named.includes(`assets/${name}`));
const scripts = others.filter((name) => /\.(js|css)$/.test(name));
const later = scripts.reduce((sum, name) => sum + compressedBytes(`assets/${name}`), 0);
console.log(`first load: ${kB(firstBytes)} compressed, of ${kB(FLOOR_BYTES)}; ${kB(later)} more when they are needed`);
if (named.length < 2 || firstBytes > FLOOR_BYTES) process.exitCode = 1;
