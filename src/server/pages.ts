import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** What a file is compressed with on its way; none: as it is. */
export type Coding = 'br' | 'gzip' | undefined;

/** One file of the built pages. Its bytes stay on the disk: in memory those of all took 30 MB (docs/performance.md). */
export type PageFile = {
  readonly contentType: string;
  /** Weak: the compressed forms have the same. */
  readonly etag: string;
  /** The smallest first. */
  readonly codings: readonly Coding[];
  read(coding: Coding): Promise<Buffer>;
};

/** The built pages, as a table of names: what is not among them cannot be asked for, whatever a path looks like. */
export type Pages = {
  readonly index: PageFile;
  /** By path below `/`, such as `assets/index-1a2b3c.js`; index.html is not among them. */
  readonly files: ReadonlyMap<string, PageFile>;
};

const MOST_FILES = 2000;
const MOST_BYTES = 32 * 1024 * 1024;
const INDEX = 'index.html';
/** Names that stand for themselves in a URL and in a route. */
const PLAIN_NAME = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/** Reads what `npm run pages` built into `folder`; undefined where nothing was. Throws where it is more than pages are. */
export async function readPages(folder: string): Promise<Pages | undefined> {
  const files = await readFiles(folder);
  const index = files.get(INDEX);
  files.delete(INDEX);
  return index === undefined ? undefined : { index, files };
}

/** Reads the files that a build left in `folder`, by their path in it; none where there was no build. */
export async function readFiles(folder: string): Promise<Map<string, PageFile>> {
  const names = await namesIn(folder);
  await checkSize(folder, names);
  const found = new Map<string, PageFile>();
  for (const name of names) {
    if (/\.(gz|br)$/.test(name)) continue;
    found.set(name, await readPageFile(folder, name, names));
  }
  return found;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll(sep, '/'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function checkSize(folder: string, names: readonly string[]): Promise<void> {
  const odd = names.find((name) => !PLAIN_NAME.test(name));
  if (odd !== undefined) throw new Error(`${folder}: no page has a name such as ${JSON.stringify(odd)}`);
  if (names.length > MOST_FILES) throw new Error(`${folder}: more than ${MOST_FILES} files`);
  let sizeBytes = 0;
  for (const name of names) sizeBytes += (await stat(join(folder, name))).size;
  if (sizeBytes > MOST_BYTES) throw new Error(`${folder}: ${sizeBytes} bytes, more than ${MOST_BYTES}`);
}

async function readPageFile(folder: string, name: string, names: readonly string[]): Promise<PageFile> {
  const path = join(folder, name);
  const contentType = contentTypes[extname(name)] ?? 'application/octet-stream';
  const isBrotli = names.includes(`${name}.br`);
  const isGzip = names.includes(`${name}.gz`);
  const isText = /^text|json|svg/.test(contentType);
  return {
    contentType,
    etag: `W/"${(await digestOf(path)).slice(0, 22)}"`,
    codings: [...(isBrotli ? ['br' as const] : []), ...(isGzip || isText ? ['gzip' as const] : []), undefined],
    read: async (coding) => {
      if (coding === 'br') return await readFile(`${path}.br`);
      if (coding === undefined) return await readFile(path);
      // The bundle's are compressed once; those of a build at hand each time, which is one browser's first look.
      return isGzip ? await readFile(`${path}.gz`) : await promisify(gzip)(await readFile(path));
    },
  };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('base64url');
}
