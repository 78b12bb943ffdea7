import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Say } from '../archive/entry.ts';
import type { Part } from '../archive/part-writer.ts';
import { membersName, recordName } from '../archive/part-writer.ts';
import { salvagePart } from '../archive/salvage-part.ts';
import { MusterError } from '../report/errors.ts';
import type { Store } from '../store/store.ts';

/** Of the members' file, in one object of the store. */
const CHUNK_BYTES = 8 * 2 ** 20;

/** Where a gather's part and what is known of it lie in the store. */
export const partFolder = (reportUid: string, gatherName: string) => `parts/${reportUid}/${gatherName}`;
const chunkKey = (folder: string, offset: number) => `${folder}/members/${String(offset).padStart(16, '0')}`;

/** One object of a part's members, and the bytes of the members' file that it holds. */
export type Chunk = { readonly key: string; readonly start: number; readonly end: number };

/** Lays a finished part down in the store, in place of one that is there. */
export async function storePart(store: Store, folder: string, part: Part, signal: AbortSignal): Promise<void> {
  await store.removeFolder(`${folder}/members`);
  const file = join(part.directory, membersName);
  const { size } = await stat(file);
  for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
    const bytes = createReadStream(file, { start: offset, end: Math.min(size, offset + CHUNK_BYTES) - 1 });
    await store.put(chunkKey(folder, offset), bytes, { signal });
  }
  await store.put(`${folder}/record`, createReadStream(join(part.directory, recordName)), { signal });
}

/** The chunks of a part's members, as far as they follow one another without a gap. */
export async function chunksOf(store: Store, folder: string): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (const { key, sizeBytes } of await store.list(`${folder}/members`)) {
    const start = Number(key.slice(key.lastIndexOf('/') + 1));
    if (start !== (chunks.at(-1)?.end ?? 0)) break;
    chunks.push({ key, start, end: start + sizeBytes });
  }
  return chunks;
}

/** Fetches the record of a stored part into a file; false where there is none. */
export async function fetchRecord(store: Store, folder: string, file: string): Promise<boolean> {
  try {
    await pipeline(await store.read(`${folder}/record`), createWriteStream(file));
    return true;
  } catch (error) {
    if (error instanceof MusterError && error.code === 'NotFound') return false;
    throw error;
  }
}

/**
 * What arrived of a part whose packer died, finished in a directory of this machine; undefined where too little arrived
 * to tell what it is.
 */
export async function salvageStoredPart(
  store: Store,
  folder: string,
  directory: string,
  say: Say,
): Promise<Part | undefined> {
  await mkdir(directory, { recursive: true });
  if (!(await fetchRecord(store, folder, join(directory, recordName)))) return undefined;
  const members = await open(join(directory, membersName), 'w');
  try {
    for (const { key } of await chunksOf(store, folder)) {
      for await (const bytes of await store.read(key)) await members.appendFile(bytes);
    }
  } finally {
    await members.close();
  }
  const part = await salvagePart(directory, say);
  return part.files === 0 ? undefined : part;
}
