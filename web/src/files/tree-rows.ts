import type { RestFolderEntry } from '../../../src/report/rest-files.ts';

/** What is known of a folder: its entries page by page. */
export type Folder = {
  readonly entries: readonly RestFolderEntry[];
  /** Where its next page begins; undefined at the end. */
  readonly next: string | undefined;
  readonly isLoading: boolean;
  readonly error: Error | undefined;
};

/** Folders by their paths, '' for the top of the archive. */
export type Folders = ReadonlyMap<string, Folder>;

type Place = {
  /** Tells rows apart. */
  readonly key: string;
  /** 1 at the top. */
  readonly level: number;
};
export type EntryRow = Place & {
  readonly kind: 'entry';
  readonly path: string;
  readonly entry: RestFolderEntry;
  /** Of a folder. */
  readonly isExpanded: boolean | undefined;
  /** Among its siblings, from 1. */
  readonly position: number;
  /** How many siblings there are; -1 while not all are known, as ARIA has it. */
  readonly setSize: number;
};
/** Stands at the end of a folder of which not all is there; `path` is the folder's. */
export type FolderRow = Place & {
  readonly kind: 'loading' | 'more' | 'failed' | 'empty';
  readonly path: string;
  readonly error: Error | undefined;
};
export type TreeRow = EntryRow | FolderRow;

export type TreeState = {
  readonly folders: Folders;
  readonly expanded: ReadonlySet<string>;
  /** Shows only what has it in its name, and the folders above that; empty for all. */
  readonly filter: string;
};

/** The rows that a tree shows, from top to bottom. */
export function treeRows({ folders, expanded, filter }: TreeState): readonly TreeRow[] {
  const wanted = filter.trim().toLowerCase();
  const rows: TreeRow[] = [];
  addFolder('', 1);
  return rows;

  function addFolder(path: string, level: number): void {
    const folder = folders.get(path);
    if (folder === undefined) return;
    const shown = folder.entries.filter((entry) => isWanted(path, entry));
    const setSize = folder.next === undefined ? shown.length : -1;
    for (const [index, entry] of shown.entries()) {
      const place = pathIn(path, entry.name);
      const isExpanded = entry.type === 'directory' ? expanded.has(place) || hasWanted(place) : undefined;
      const position = index + 1;
      rows.push({ kind: 'entry', key: place, path: place, level, entry, isExpanded, position, setSize });
      if (isExpanded === true) addFolder(place, level + 1);
    }
    const end = endOf(folder, wanted !== '');
    if (end !== undefined) rows.push({ kind: end, key: `${path}//${end}`, path, level, error: folder.error });
  }

  function isWanted(path: string, entry: RestFolderEntry): boolean {
    return wanted === '' || entry.name.toLowerCase().includes(wanted) || hasWanted(pathIn(path, entry.name));
  }

  /** Of a folder that was loaded, whether something in it is wanted. */
  function hasWanted(path: string): boolean {
    if (wanted === '') return false;
    return folders.get(path)?.entries.some((entry) => isWanted(path, entry)) ?? false;
  }
}

function endOf(folder: Folder, isFiltered: boolean): FolderRow['kind'] | undefined {
  if (folder.isLoading) return 'loading';
  if (folder.error !== undefined) return 'failed';
  if (folder.next !== undefined) return 'more';
  return folder.entries.length === 0 && !isFiltered ? 'empty' : undefined;
}

/** The path of an entry of a folder. */
export function pathIn(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The folders above a path, from the top ('') on. */
export function foldersAbove(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1);
  return ['', ...names.map((_, index) => names.slice(0, index + 1).join('/'))];
}

/** What is known of a path; undefined while its folder is not loaded so far. */
export function entryAt(folders: Folders, path: string): RestFolderEntry | undefined {
  const folder = foldersAbove(path).at(-1) ?? '';
  const name = folder === '' ? path : path.slice(folder.length + 1);
  return folders.get(folder)?.entries.find((entry) => entry.name === name);
}
