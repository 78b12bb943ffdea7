import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Entry } from './entry.ts';
import { packTar } from './pack-tar.ts';
import { createPartWriter, type PartWriter } from './part-writer.ts';
import { type SealedArchive, sealArchive } from './seal.ts';
import { paddingBytes, tarHeader, trailerBytes } from './tar-header.ts';

/** A folder of its own for one test, removed when the block that holds it ends. */
export function scratchFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'muster-archive-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function hasTool(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

export function run(command: string, args: readonly string[], input?: Buffer): Buffer {
  return execFileSync(command, args, { input, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'pipe'] });
}

export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A header block with fields of any bytes, checksum right: what a hostile tar is made of. */
export function rawHeader(fields: {
  name: string | Buffer;
  flag?: string;
  size?: number;
  link?: string;
  octal?: string;
}) {
  const block = tarHeader({ path: 'x', type: 'file', sizeBytes: fields.size ?? 0, mode: 0o644, mtimeMs: 1e12 });
  block.fill(0, 0, 100);
  block.set(Buffer.from(fields.name as string).subarray(0, 100), 0);
  block.write(fields.flag ?? '0', 156);
  block.write(fields.link ?? '', 157, 100);
  if (fields.octal !== undefined) block.write(fields.octal, 124, 12, 'latin1');
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

export function padded(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([bytes, Buffer.alloc(paddingBytes(bytes.length))]);
}

export function tarOf(...pieces: Buffer[]): Buffer {
  return Buffer.concat([...pieces, Buffer.alloc(trailerBytes)]);
}

/** Header and content of one entry, made by hand. */
export function piece(name: string | Buffer, content = '', fields: { flag?: string; link?: string } = {}): Buffer {
  return Buffer.concat([rawHeader({ name, size: Buffer.byteLength(content), ...fields }), padded(content)]);
}

/** A pax header that overrides what follows. */
export function pax(records: Record<string, string>): Buffer {
  const text = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + 1;
    while (rest + String(length).length !== length) length = rest + String(length).length;
    return `${length} ${key}=${value}\n`;
  });
  return piece('pax', text.join(''), { flag: 'x' });
}

export type Made = { archive: string; sealed: SealedArchive; lines: string[]; names: string[] };

/** Part, sealed archive and log of whatever `fill` does, in a folder. */
export async function make(
  folder: string,
  fill: (writer: PartWriter, say: (line: string) => void) => Promise<unknown>,
  memberSizeBytes = 4096,
): Promise<Made> {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const writer = await createPartWriter({ directory: join(folder, 'part'), say, memberSizeBytes });
  await fill(writer, say);
  const names = [...writer.entries('')].map(({ path }) => path);
  const part = await writer.finish();
  const archive = join(folder, 'archive.tar.gz');
  const generated = [{ path: 'top/timestamp', content: 'now\n' }];
  const sealed = await sealArchive({ parts: [part], generated, destination: archive, mtimeMs: 1e12 });
  return { archive, sealed, lines, names };
}

export const packBytes = (tar: Buffer) => (writer: PartWriter, say: (line: string) => void) =>
  packTar(Readable.from([tar]), writer, { prefix: 'top/image', say });

export function fileEntry(path: string, sizeBytes: number): Entry {
  return { path, type: 'file', sizeBytes, mode: 0o640, mtimeMs: 1e12 };
}

/** Everything below a folder: what it is and what it holds. */
export function treeOf(root: string, folder = ''): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(join(root, folder))) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const facts = lstatSync(join(root, path));
    if (facts.isDirectory()) Object.assign(tree, { [path]: 'directory' }, treeOf(root, path));
    else if (facts.isSymbolicLink()) tree[path] = `-> ${readlinkSync(join(root, path))}`;
    else tree[path] = readFileSync(join(root, path)).toString('base64');
  }
  return tree;
}
