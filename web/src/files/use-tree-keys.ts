import { type KeyboardEvent, useCallback } from 'react';
import type { TreeRow } from './tree-rows.ts';

type TreeKeys = {
  readonly rows: readonly TreeRow[];
  /** The row that has the focus. */
  readonly at: number;
  goTo(index: number): void;
  /** Opens a file or a folder, loads more. */
  act(row: TreeRow): void;
  expand(path: string): void;
  collapse(path: string): void;
};

/** The keys of a tree (WAI-ARIA Authoring Practices, "Tree View Pattern"). */
export function useTreeKeys(keys: TreeKeys): (event: KeyboardEvent) => void {
  return useCallback(
    (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const action = actionOf(event.key, keys);
      if (action === undefined) return;
      event.preventDefault();
      action();
    },
    [keys],
  );
}

function actionOf(key: string, keys: TreeKeys): (() => void) | undefined {
  const { rows, at, goTo, act } = keys;
  const row = rows[at];
  if (row === undefined) return undefined;
  switch (key) {
    case 'ArrowDown':
      return () => goTo(Math.min(at + 1, rows.length - 1));
    case 'ArrowUp':
      return () => goTo(Math.max(at - 1, 0));
    case 'Home':
      return () => goTo(0);
    case 'End':
      return () => goTo(rows.length - 1);
    case 'Enter':
    case ' ':
      return () => act(row);
    case 'ArrowRight':
      return () => inwards(keys, row);
    case 'ArrowLeft':
      return () => outwards(keys, row);
    default:
      return key.length === 1 ? () => goTo(nextNamed(rows, at, key)) : undefined;
  }
}

/** Opens a closed folder, goes into an open one. */
function inwards({ at, goTo, expand, rows }: TreeKeys, row: TreeRow): void {
  if (row.kind !== 'entry' || row.isExpanded === undefined) return;
  if (!row.isExpanded) expand(row.path);
  else if ((rows[at + 1]?.level ?? 0) > row.level) goTo(at + 1);
}

/** Closes an open folder, goes to the folder of anything else. */
function outwards({ rows, at, goTo, collapse }: TreeKeys, row: TreeRow): void {
  if (row.kind === 'entry' && row.isExpanded === true) {
    collapse(row.path);
    return;
  }
  const above = rows.slice(0, at).findLastIndex(({ level }) => level < row.level);
  if (above !== -1) goTo(above);
}

/** The next row whose name begins with a letter; around the end, and where one is when there is none. */
function nextNamed(rows: readonly TreeRow[], at: number, letter: string): number {
  const wanted = letter.toLowerCase();
  for (let step = 1; step <= rows.length; step += 1) {
    const index = (at + step) % rows.length;
    const row = rows[index];
    if (row?.kind === 'entry' && row.entry.name.toLowerCase().startsWith(wanted)) return index;
  }
  return at;
}
