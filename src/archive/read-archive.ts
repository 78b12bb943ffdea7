import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { MusterError, messageOf } from '../report/errors.ts';
import { type ArchiveIndex, openIndex, readFooter } from './archive-index.ts';
import { type ByteSource, fileSource } from './byte-source.ts';
import type { Entry } from './entry.ts';
import { type FolderPage, folderPage } from './folder-page.ts';
import { rawTar } from './raw-tar.ts';
import { gunzipped, slice } from './run-reader.ts';
import { quoteName, safePath } from './safe-path.ts';
import { judgeTarItem } from './tar-entry.ts';
import { scanTar } from './tar-scan.ts';

export type IndexedEntry = Entry & {
  /** Where the member begins that holds the entry's header; only in an indexed archive. */
  readonly memberOffset?: number;
  /** Where the content begins, in decompressed bytes from there. */
  readonly offsetInMember?: number;
};

/** Bytes of a file's content; a range may reach beyond the end. */
export type Range = { readonly offset?: number; readonly length?: number };

export type Archive = {
  /** Whether a footer was found. Without, every question reads the file from its start. */
  readonly indexed: boolean;
  /** By path's bytes where indexed, else as they lie. What has no clean name is not told: `verifyArchive` is for that. */
  entries(): AsyncIterable<IndexedEntry>;
  /** Content of a file (a hard link's is its target's). `NotFound`, or `InvalidInput` for what has no content. */
  read(path: string, range?: Range): Promise<Readable>;
  close(): Promise<void>;
};

/** What the index of an archive answers at once. Holds nothing open. */
export type IndexedArchive = Pick<Archive, 'entries' | 'read'> & {
  find(path: string): Promise<IndexedEntry | undefined>;
  /** One page of what lies directly in a folder. */
  list(folder: string, page: { readonly after?: string | undefined; readonly limit: number }): Promise<FolderPage>;
};

/** Opens an archive of Muster, or a `.tar.gz` or `.tar` made by others. `NotFound`, `InvalidInput`, `ArchiveBroken`. */
export async function openArchive(file: string): Promise<Archive> {
  const handle = await openFile(file);
  try {
    const source = fileSource(handle, (await handle.stat()).size);
    const footer = await readFooter(source);
    const close = () => handle.close();
    if (footer) return { ...indexedArchive(source, openIndex(source, footer)), close };
    await (await rawTar(source)).destroy();
    return { ...plainArchive(source), close };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Opens an archive of Muster wherever it lies; reads little more than what is asked for. `ArchiveBroken` without index. */
export async function openIndexedArchive(source: ByteSource): Promise<IndexedArchive> {
  const footer = await readFooter(source);
  if (footer === undefined) throw new MusterError('ArchiveBroken', 'the archive has no index');
  return indexedArchive(source, openIndex(source, footer));
}

/** Opens a file of a person's for reading; folders, pipes and what is not there are refused. */
export async function openFile(file: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    throw new MusterError('NotFound', `cannot open ${file}: ${messageOf(error)}`, { cause: error });
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new MusterError('InvalidInput', `${file} is not a file`);
}

function indexedArchive(source: ByteSource, index: ArchiveIndex): IndexedArchive & { readonly indexed: true } {
  return {
    indexed: true,
    find: (path) => index.find(path),
    list: (folder, page) => folderPage(index, folder, page),
    entries: () => index.entries(),
    async read(path, range) {
      const entry = contentEntry(path, await followed(path, (name) => index.find(name)));
      const { from, to } = bounds(entry.sizeBytes, range);
      return Readable.from(soundly(readStretch(source, index, entry, from, to)), { objectMode: false });
    },
  };
}

async function* readStretch(source: ByteSource, index: ArchiveIndex, entry: IndexedEntry, from: number, to: number) {
  let start: number | undefined;
  for await (const member of index.members()) {
    if (member.offset === entry.memberOffset) start = member.rawOffset + (entry.offsetInMember ?? 0);
    if (start === undefined) continue;
    const begin = start + from - member.rawOffset;
    const end = start + to - member.rawOffset;
    if (end <= 0 || from === to) return;
    if (begin >= member.rawBytes) continue;
    const { offset, packedBytes } = member;
    yield* slice(gunzipped(source.read({ start: offset, end: offset + packedBytes })), begin, end);
  }
}

function plainArchive(source: ByteSource): Omit<Archive, 'close'> {
  const scan = async function* () {
    for await (const item of scanTar(await rawTar(source))) {
      const judged = judgeTarItem(item, '');
      if ('entry' in judged) yield { entry: judged.entry, content: item.content };
    }
  };
  const entries = async function* () {
    for await (const { entry } of soundly(scan())) yield entry;
  };
  const find = async (path: string) => {
    for await (const entry of entries()) if (entry.path === path) return entry;
    return undefined;
  };
  const content = async function* (entry: Entry, from: number, to: number) {
    for await (const found of scan()) {
      if (found.entry.path !== entry.path) continue;
      yield* slice(found.content, from, to);
      return;
    }
  };
  return {
    indexed: false,
    entries,
    async read(path, range) {
      const entry = contentEntry(path, await followed(path, find));
      const { from, to } = bounds(entry.sizeBytes, range);
      return Readable.from(from === to ? [] : soundly(content(entry, from, to)), { objectMode: false });
    },
  };
}

/** Passes a sequence on; its errors become those that a person meets. */
async function* soundly<T>(sequence: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* sequence;
  } catch (error) {
    throw asBroken(error);
  }
}

/** Whatever a reader of damaged bytes throws, as the error that a person meets. */
export function asBroken(error: unknown): MusterError {
  if (error instanceof MusterError) return error;
  return new MusterError('ArchiveBroken', `the archive is damaged: ${messageOf(error)}`, { cause: error });
}

async function followed<T extends Entry>(path: string, find: (path: string) => Promise<T | undefined>) {
  const safe = safePath(path);
  if ('refused' in safe) throw new MusterError('InvalidInput', `${quoteName(path)}: ${safe.refused}`);
  const entry = await find(safe.path);
  return entry?.type === 'hardlink' ? await find(entry.linkTarget ?? '') : entry;
}

function contentEntry<T extends Entry>(path: string, entry: T | undefined): T {
  if (entry === undefined) throw new MusterError('NotFound', `there is no ${quoteName(path)} in the archive`);
  if (entry.type === 'file') return entry;
  const what = entry.type === 'symlink' ? `a symlink to ${quoteName(entry.linkTarget ?? '')}` : `a ${entry.type}`;
  throw new MusterError('InvalidInput', `${quoteName(path)} is ${what}`);
}

function bounds(sizeBytes: number, { offset = 0, length = sizeBytes }: Range = {}): { from: number; to: number } {
  if (offset < 0 || length < 0) throw new MusterError('InvalidInput', 'a range cannot be negative');
  const from = Math.min(offset, sizeBytes);
  return { from, to: Math.min(from + length, sizeBytes) };
}
