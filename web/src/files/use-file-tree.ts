import { useCallback, useEffect, useRef, useState } from 'react';
import { type FolderPage, useReportSource } from '../reports/report-source.ts';
import { type Folder, type Folders, foldersAbove, pathIn } from './tree-rows.ts';

export type FileTreeData = {
  readonly folders: Folders;
  readonly expanded: ReadonlySet<string>;
  /** Opens a folder, and loads it at its first time. */
  expand(path: string): void;
  collapse(path: string): void;
  /** Loads the next page of a folder, or the one again that failed. */
  more(path: string): void;
};

const UNREAD: Folder = { entries: [], next: undefined, isLoading: false, error: undefined };

/** The folders of an archive as far as a person has opened them; at first those above `path`. */
export function useFileTree(id: number, path: string): FileTreeData {
  const source = useReportSource();
  const [folders, setFolders] = useState<Folders>(new Map());
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const known = useRef(new Map<string, Folder>());
  const ending = useRef(new AbortController());

  const note = useCallback((folder: string, change: Partial<Folder>) => {
    known.current.set(folder, { ...(known.current.get(folder) ?? UNREAD), ...change });
    setFolders(new Map(known.current));
  }, []);

  const load = useCallback(
    async (folder: string) => {
      const { entries, next, isLoading } = known.current.get(folder) ?? UNREAD;
      if (isLoading) return;
      const { signal } = ending.current;
      note(folder, { isLoading: true, error: undefined });
      try {
        const page = await source.folder(id, folder, next, signal);
        note(folder, { entries: [...entries, ...page.entries], next: page.next, isLoading: false });
        const only = entries.length === 0 ? onlyWay(folder, page) : undefined;
        if (only !== undefined) open(pathIn(folder, only));
      } catch (error) {
        if (signal.aborted) return;
        note(folder, { isLoading: false, error: error instanceof Error ? error : new Error(String(error)) });
      }
      function open(inner: string): void {
        setExpanded((before) => new Set(before).add(inner));
        if (!known.current.has(inner)) void load(inner);
      }
    },
    [source, id, note],
  );

  const expand = useCallback(
    (folder: string) => {
      setExpanded((before) => new Set(before).add(folder));
      if (!known.current.has(folder)) void load(folder);
    },
    [load],
  );

  useEffect(() => {
    ending.current = new AbortController();
    const { current } = ending;
    known.current = new Map();
    setFolders(new Map());
    setExpanded(new Set());
    void load('');
    return () => current.abort();
  }, [load]);

  useEffect(() => {
    for (const folder of foldersAbove(path)) expand(folder);
  }, [path, expand]);

  return {
    folders,
    expanded,
    expand,
    collapse: useCallback((folder: string) => {
      setExpanded((before) => new Set([...before].filter((each) => each !== folder)));
    }, []),
    more: useCallback((folder: string) => void load(folder), [load]),
  };
}

/**
 * The name of the folder that is opened with the one that holds it: where it is all there is, and on the way down to what
 * was gathered, where the only folder stands beside files about the gather.
 */
function onlyWay(folder: string, { entries }: FolderPage): string | undefined {
  const [first, second] = entries.filter(({ type }) => type === 'directory');
  if (first === undefined || second !== undefined) return undefined;
  const isAboveGathered = !folder.includes('/');
  return entries.length === 1 || isAboveGathered ? first.name : undefined;
}
