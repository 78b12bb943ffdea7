import type { IndexedEntry } from '../archive/read-archive.ts';
import { formatSize } from '../report/format.ts';
import { spelledOut } from './printable.ts';

type Folder = { readonly children: Map<string, Folder>; files: number; sizeBytes: number; isFolder: boolean };

/** What an archive holds as a tree of `depth` levels, with the files and bytes below each folder. */
export async function treeOf(entries: AsyncIterable<IndexedEntry>, depth: number): Promise<string[]> {
  const root = emptyFolder();
  for await (const { path, type, sizeBytes } of entries) {
    const parts = path.split('/');
    let at = root;
    for (const [level, part] of parts.entries()) {
      if (level >= depth) break;
      const isFolder = level < parts.length - 1 || type === 'directory';
      const child = at.children.get(part) ?? emptyFolder();
      at.children.set(part, child);
      child.isFolder ||= isFolder;
      if (type !== 'directory') child.files += 1;
      if (type === 'file') child.sizeBytes += sizeBytes;
      at = child;
    }
  }
  return [...root.children].flatMap(([name, top]) => [lineOf(name, top), ...drawn(top, '')]);
}

function emptyFolder(): Folder {
  return { children: new Map(), files: 0, sizeBytes: 0, isFolder: false };
}

function drawn(folder: Folder, indent: string): string[] {
  const children = [...folder.children].sort(([a], [b]) => (a < b ? -1 : 1));
  return children.flatMap(([name, child], index) => {
    const isLast = index === children.length - 1;
    const line = `${indent}${isLast ? '└─ ' : '├─ '}${lineOf(name, child)}`;
    return [line, ...drawn(child, `${indent}${isLast ? '   ' : '│  '}`)];
  });
}

function lineOf(name: string, { isFolder, files, sizeBytes }: Folder): string {
  const count = `${files} ${files === 1 ? 'file' : 'files'}, `;
  return `${spelledOut(name)}${isFolder ? '/' : ''}  ${isFolder ? count : ''}${formatSize(sizeBytes)}`;
}
