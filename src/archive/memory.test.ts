import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openArchive } from './read-archive.ts';
import { bytesOf, scratchFolder } from './test-support.ts';

const isLong = process.env.MUSTER_LONG !== undefined;

/**
 * Runs in a process of its own, from sources without types: what is installed is one bundled file, and stripping types
 * alone takes 40 MB.
 */
const child = `
import { Readable } from 'node:stream';
import { packTar } from './archive/pack-tar.ts';
import { createPartWriter } from './archive/part-writer.ts';
import { sealArchive } from './archive/seal.ts';
import { verifyArchive } from './archive/verify.ts';
import { tarHeader, paddingBytes } from './archive/tar-header.ts';
const [folder, entries, sizeBytes] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const lines = Array.from({ length: 400 }, (_, i) => '2026-11-21T05:0' + (i % 10) + ':00.' + ((i * 7919) % 1000) +
  'Z I1121 reconciled namespace=' + ((i * 31) % 97) + ' uid=' + ((i * 2654435761) >>> 0).toString(16)).join('\\n') + '\\n';
const text = Buffer.from(lines.repeat(4));
function* tar() {
  for (let i = 0; i < entries; i++) {
    yield tarHeader({ path: 'ns/' + (i % 977) + '/pod-' + i + '.log', type: 'file', sizeBytes, mode: 420, mtimeMs: 1e12 });
    for (let left = sizeBytes; left > 0; left -= text.length) yield text.subarray(0, left);
    yield Buffer.alloc(paddingBytes(sizeBytes));
  }
}
const say = (line) => console.error(line);
const writer = await createPartWriter({ directory: folder + '/part', say });
const begin = performance.now();
const packed = await packTar(Readable.from(tar(), { objectMode: false }), writer, { prefix: 'top/i', say });
const part = await writer.finish();
const packMs = performance.now() - begin;
const rss = () => Math.round(process.resourceUsage().maxRSS / 1024);
const packMb = rss();
const sealed = await sealArchive({ parts: [part], generated: [], destination: folder + '/a.tar.gz', mtimeMs: 0 });
const sealMb = rss();
const verified = await verifyArchive(folder + '/a.tar.gz', say);
console.log(JSON.stringify({ entries: packed.entries, files: sealed.files, ok: verified.ok, packMs, packMb, sealMb, verifyMb: rss() }));
`;

function plainSources(folder: string): string {
  for (const part of ['archive', 'report']) {
    mkdirSync(join(folder, part), { recursive: true });
    const source = join(dirname(import.meta.dirname), part);
    for (const name of readdirSync(source).filter((name) => /^[^.]+\.ts$/.test(name))) {
      const plain = stripTypeScriptTypes(readFileSync(join(source, name), 'utf8')).replaceAll(/\.ts';/g, ".js';");
      writeFileSync(join(folder, part, name.replace(/ts$/, 'js')), plain);
    }
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'child.js'), child.replaceAll(/\.ts';/g, ".js';"));
  return join(folder, 'child.js');
}

async function inChild(folder: string, entries: number, sizeBytes: number) {
  // Below node_modules, so that packages are found.
  const sources = join(import.meta.dirname, '../../node_modules/.cache', folder.replaceAll('/', '_'));
  try {
    const script = plainSources(sources);
    // Packing keeps less than 10 MB alive, but V8 lets buffers that are garbage wait until 64 MB of them came together.
    // A small heap makes it look earlier: 148 MB without the second flag, 103 MB with it (10 GB stream).
    const args = [
      '--max-semi-space-size=1',
      '--max-old-space-size=32',
      script,
      folder,
      String(entries),
      String(sizeBytes),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as Record<string, number | boolean>;
  } finally {
    rmSync(sources, { recursive: true, force: true });
  }
}

test('a large stream is packed, sealed and verified in bounded memory', async () => {
  using folder = scratchFolder();
  const entries = isLong ? 20_000 : 2_000;
  const found = await inChild(folder.path, entries, 524_288);
  process.stdout.write(`large stream ${JSON.stringify(found)}\n`);
  expect(found).toMatchObject({ entries, files: entries, ok: true });
  expect(found.packMb).toBeLessThan(128);
  expect(found.verifyMb).toBeLessThan(128);
  // One file out of it by its index; how long that takes is measured in bench/.
  const archive = await openArchive(join(folder.path, 'a.tar.gz'));
  expect((await bytesOf(await archive.read('top/i/ns/7/pod-7.log'))).length).toBe(524_288);
  await archive.close();
}, 1_200_000);

test('a stream of very many small files is packed in bounded memory', async () => {
  using folder = scratchFolder();
  const entries = isLong ? 1_000_000 : 50_000;
  const found = await inChild(folder.path, entries, 200);
  process.stdout.write(`small files ${JSON.stringify(found)}\n`);
  expect(found).toMatchObject({ entries, files: entries, ok: true });
  expect(found.packMb).toBeLessThan(128);
  expect(found.verifyMb).toBeLessThan(128);
}, 1_200_000);
