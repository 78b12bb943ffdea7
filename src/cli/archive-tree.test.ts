import { expect, test } from 'vitest';
import type { IndexedEntry } from '../archive/read-archive.ts';
import { treeOf } from './archive-tree.ts';

async function* entries(...given: [string, number?][]): AsyncGenerator<IndexedEntry> {
  for (const [path, sizeBytes] of given) {
    yield {
      path: path.replace(/\/$/, ''),
      type: path.endsWith('/') ? 'directory' : 'file',
      sizeBytes: sizeBytes ?? 0,
      mtimeMs: 0,
      mode: 0o644,
    };
  }
}

test('an archive as a tree, with what lies deeper as counts', async () => {
  const given = entries(
    ['top/'],
    ['top/version', 10],
    ['top/namespaces/a/pods.yaml', 1000],
    ['top/namespaces/a/logs/x.log', 2000],
    ['top/namespaces/b/'],
    ['top/empty/'],
    ['top/odd\u001b[31m', 1],
  );
  expect(await treeOf(given, 3)).toEqual([
    'top/  4 files, 3 kB',
    '├─ empty/  0 files, 0 B',
    '├─ namespaces/  2 files, 3 kB',
    '│  ├─ a/  2 files, 3 kB',
    '│  └─ b/  0 files, 0 B',
    '├─ odd\\u001b[31m  1 B',
    '└─ version  10 B',
  ]);
});

test('an empty archive has no tree', async () => expect(await treeOf(entries(), 3)).toEqual([]));
