import { describe, expect, it } from 'vitest';
import type { RestFolderEntry } from '../../../src/report/rest-files.ts';
import { entryAt, type Folder, foldersAbove, treeRows } from './tree-rows.ts';

const entry = (name: string, type: RestFolderEntry['type'] = 'file'): RestFolderEntry => ({
  name,
  type,
  sizeBytes: 1,
  mtime: null,
});
const folder = (entries: RestFolderEntry[], more: Partial<Folder> = {}): Folder => ({
  entries,
  next: undefined,
  isLoading: false,
  error: undefined,
  ...more,
});
const folders = new Map([
  ['', folder([entry('a', 'directory'), entry('b.log')])],
  ['a', folder([entry('inner', 'directory'), entry('pod.yaml')], { next: 'pod.yaml' })],
  ['a/inner', folder([])],
]);
const shown = (expanded: string[], filter = '') =>
  treeRows({ folders, expanded: new Set(expanded), filter }).map((row) => `${row.level} ${row.kind} ${row.path}`);

describe('rows of the tree', () => {
  it('shows what is in open folders, and where more is', () => {
    expect(shown([])).toEqual(['1 entry a', '1 entry b.log']);
    expect(shown(['a', 'a/inner'])).toEqual([
      '1 entry a',
      '2 entry a/inner',
      '3 empty a/inner',
      '2 entry a/pod.yaml',
      '2 more a',
      '1 entry b.log',
    ]);
  });

  it('finds names in what was loaded, open or not', () => {
    expect(shown([], ' POD ')).toEqual(['1 entry a', '2 entry a/pod.yaml', '2 more a']);
    expect(shown([], 'nothing')).toEqual([]);
  });

  it('tells how many siblings there are, unless nobody knows', () => {
    const rows = treeRows({ folders, expanded: new Set(['a']), filter: '' });
    const sizes = rows.flatMap((row) => (row.kind === 'entry' ? [[row.path, row.position, row.setSize]] : []));
    expect(sizes).toEqual([
      ['a', 1, 2],
      ['a/inner', 1, -1],
      ['a/pod.yaml', 2, -1],
      ['b.log', 2, 2],
    ]);
  });

  it('knows the folders above a path, and what lies there', () => {
    expect(foldersAbove('a/inner/x')).toEqual(['', 'a', 'a/inner']);
    expect(foldersAbove('')).toEqual(['']);
    expect(entryAt(folders, 'a/pod.yaml')?.name).toBe('pod.yaml');
    expect(entryAt(folders, 'b.log')?.name).toBe('b.log');
    expect(entryAt(folders, 'a/other')).toBeUndefined();
  });
});
