import type { ArchiveIndex } from './archive-index.ts';
import type { Entry } from './entry.ts';
import type { IndexedEntry } from './read-archive.ts';
import { comparePaths } from './safe-path.ts';

/** What lies directly in a folder, and where to go on when that is not all. */
export type FolderPage = {
  readonly entries: readonly FolderEntry[];
  /** For `after`; undefined at the end. */
  readonly next: string | undefined;
};

/** `mtimeMs` is not known of a folder that only the paths in it tell of. */
export type FolderEntry = Pick<Entry, 'type' | 'sizeBytes' | 'linkTarget'> & {
  readonly name: string;
  readonly mtimeMs: number | undefined;
};

/** More entries than one chunk of the index can hold (64,000 bytes, 20 at least for each), so that each seek gets further. */
const SEEK_ROWS = 4000;

type Folders = Pick<ArchiveIndex, 'entriesFrom' | 'find'>;

/**
 * One page of a folder ('' for the top), by the bytes of paths. Reads the index only where the folder is, and passes over
 * what lies deeper. Nothing in it where there is no such folder.
 */
export async function folderPage(
  index: Folders,
  folder: string,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<FolderPage> {
  const prefix = folder === '' ? '' : `${folder}/`;
  const entries = new Map<string, FolderEntry>();
  let next = '';
  for await (const { place, entry } of placesIn(index, prefix, after)) {
    const child = place.endsWith('/') ? await impliedFolder(index, prefix, place, entries) : childOf(place, entry);
    if (child === undefined) continue;
    if (entries.size === limit) return { entries: [...entries.values()], next };
    entries.set(child.name, child);
    next = place;
  }
  return { entries: [...entries.values()], next: undefined };
}

/** The first entry of each place in a folder: a long stretch that lies deeper is not read, but sought past. */
async function* placesIn(
  index: Folders,
  prefix: string,
  after: string,
): AsyncGenerator<{ place: string; entry: IndexedEntry }> {
  let at = startAfter(prefix, after);
  let passed = 0;
  do {
    passed = 0;
    for await (const entry of index.entriesFrom(at)) {
      if (comparePaths(entry.path, at) < 0) {
        passed += 1;
        if (passed > SEEK_ROWS) break;
        continue;
      }
      if (!entry.path.startsWith(prefix)) return;
      const place = placeOf(entry.path.slice(prefix.length));
      at = startAfter(prefix, place);
      passed = 0;
      yield { place, entry };
    }
  } while (passed > SEEK_ROWS);
}

/** `name` for what lies in the folder itself, `name/` for what lies deeper. */
function placeOf(pathInFolder: string): string {
  const slash = pathInFolder.indexOf('/');
  return slash === -1 ? pathInFolder : pathInFolder.slice(0, slash + 1);
}

/**
 * The first path after a place in a folder. `name` is an entry; `name/` is all that lies below it, and `0` is the character
 * after `/`. (`c`, `c-d`, `c/e` is the order by bytes: what is in a folder need not follow it at once.)
 */
function startAfter(prefix: string, place: string): string {
  if (place === '') return prefix;
  return place.endsWith('/') ? `${prefix}${place.slice(0, -1)}0` : `${prefix}${place}\0`;
}

function childOf(name: string, { type, sizeBytes, mtimeMs, linkTarget }: IndexedEntry): FolderEntry {
  return { name, type, sizeBytes, mtimeMs, ...(linkTarget === undefined ? {} : { linkTarget }) };
}

/** A folder that has no entry of its own; undefined for one that has, and is told there. */
async function impliedFolder(
  index: Folders,
  prefix: string,
  place: string,
  told: ReadonlyMap<string, FolderEntry>,
): Promise<FolderEntry | undefined> {
  const name = place.slice(0, -1);
  if (told.has(name) || (await index.find(`${prefix}${name}`)) !== undefined) return undefined;
  return { name, type: 'directory', sizeBytes: 0, mtimeMs: undefined };
}
