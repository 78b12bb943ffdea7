import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** One file of the built pages, as it lies on disk and compressed. */
export type PageFile = {
  readonly contentType: string;
  /** Weak: the compressed forms have the same. */
  readonly etag: string;
  readonly bytes: Buffer;
  readonly gzip: Buffer | undefined;
  readonly br: Buffer | undefined;
};

/** The built pages, whole in memory: what is not among them cannot be asked for, whatever a path looks like. */
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
  const compressed = async (ending: string) =>
    names.includes(name + ending) ? await readFile(join(folder, name + ending)) : undefined;
  const bytes = await readFile(join(folder, name));
  const contentType = contentTypes[extname(name)] ?? 'application/octet-stream';
  const isText = /^text|json|svg/.test(contentType);
  return {
    contentType,
    etag: `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    bytes,
    gzip: (await compressed('.gz')) ?? (isText ? await promisify(gzip)(bytes, { level: 9 }) : undefined),
    br: await compressed('.br'),
  };
}
