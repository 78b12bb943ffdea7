import { open } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ByteSource, fileSource } from './byte-source.ts';
import type { FolderEntry } from './folder-page.ts';
import { type IndexedArchive, openIndexedArchive } from './read-archive.ts';
import { bytesOf, fileEntry, make, scratchFolder } from './test-support.ts';

/** An archive of empty files at these paths, and `top/timestamp`, through a source that counts what is read of it. */
async function withArchive(
  paths: readonly string[],
  use: (archive: IndexedArchive, read: { bytes: number }) => Promise<void>,
): Promise<void> {
  using folder = scratchFolder();
  const made = await make(folder.path, async (writer) => {
    for (const path of paths) {
      const isFolder = path.endsWith('/');
      const entry = isFolder ? { ...fileEntry(path.slice(0, -1), 0), type: 'directory' as const } : fileEntry(path, 0);
      await writer.add(entry, Buffer.alloc(0));
    }
  });
  const handle = await open(made.archive);
  try {
    const { size } = await handle.stat();
    const file = fileSource(handle, size);
    const read = { bytes: 0 };
    const counted: ByteSource = {
      sizeBytes: size,
      async *read(stretch) {
        for await (const chunk of file.read(stretch)) {
          read.bytes += chunk.length;
          yield chunk;
        }
      },
    };
    await use(await openIndexedArchive(counted), read);
  } finally {
    await handle.close();
  }
}

async function pages(archive: IndexedArchive, folder: string, limit: number): Promise<FolderEntry[]> {
  const found: FolderEntry[] = [];
  let after: string | undefined;
  do {
    const page = await archive.list(folder, { after, limit });
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    found.push(...page.entries);
    after = page.next;
  } while (after !== undefined);
  return found;
}

const names = (entries: readonly FolderEntry[]) =>
  entries.map(({ name, type }) => `${name}${type === 'file' ? '' : '/'}`);

describe('a folder of an archive', () => {
  test('tells what lies in it, and not what lies deeper', async () => {
    const paths = [
      'top/',
      'top/a/',
      'top/a/b/',
      'top/a/b/one',
      'top/a/two',
      'top/a-b/',
      'top/a-b/three',
      'top/z',
      'toq',
    ];
    await withArchive(paths, async (archive) => {
      expect(names(await pages(archive, '', 10))).toEqual(['top/', 'toq']);
      expect(names(await pages(archive, 'top', 10))).toEqual(['a/', 'a-b/', 'timestamp', 'z']);
      expect(names(await pages(archive, 'top/a', 10))).toEqual(['b/', 'two']);
      expect(names(await pages(archive, 'top/z', 10))).toEqual([]);
      expect(names(await pages(archive, 'to', 10))).toEqual([]);
    });
  });

  test('tells of a folder that only the paths in it tell of, once', async () => {
    await withArchive(['in/a/x', 'in/a-b', 'in/a/y', 'in/c/d/e'], async (archive) => {
      const told = await pages(archive, 'in', 1);
      expect(names(told)).toEqual(['a-b', 'a/', 'c/']);
      expect(told[1]).toEqual({ name: 'a', type: 'directory', sizeBytes: 0, mtimeMs: undefined });
      expect(names(await pages(archive, 'in/c', 1))).toEqual(['d/']);
    });
  });

  test('property: pages of any size are the folder, each name once', async () => {
    const segment = fc.constantFrom('a', 'b', 'a-b', 'a0', 'é', '😀');
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `in/${parts.join('/')}`);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(path, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        async (all, limit) => {
          // A path that others lie below is a folder with an entry of its own.
          const isFolder = (one: string) => all.some((other) => other.startsWith(`${one}/`));
          await withArchive(
            all.map((one) => (isFolder(one) ? `${one}/` : one)),
            async (archive) => {
              for (const folder of ['in', ...all.filter(isFolder)]) {
                const prefix = `${folder}/`;
                const below = all.filter((one) => one.startsWith(prefix) && one !== folder);
                const expected = new Set(below.map((one) => one.slice(prefix.length).split('/')[0]));
                const told = (await pages(archive, folder, limit)).map(({ name }) => name);
                expect(told.length).toBe(expected.size);
                expect(new Set(told)).toEqual(expected);
              }
            },
          );
        },
      ),
      { numRuns: process.env.MUSTER_LONG ? 2000 : 60 },
    );
  });

  test('reads a small part of the index, however much lies deeper', async () => {
    const deep = Array.from({ length: 30_000 }, (_, at) => `top/deep/${String(at).padStart(6, '0')}-${'x'.repeat(20)}`);
    await withArchive(['top/', 'top/a', 'top/deep/', ...deep, 'top/z'], async (archive, read) => {
      read.bytes = 0;
      expect(names(await pages(archive, 'top', 10))).toEqual(['a', 'deep/', 'timestamp', 'z']);
      const listed = read.bytes;
      read.bytes = 0;
      for await (const entry of archive.entries()) expect(entry.path).not.toBe('');
      expect(listed).toBeLessThan(read.bytes / 1.5);
      expect((await pages(archive, 'top/deep', 1000)).length).toBe(30_000);
    });
  });

  test('is read out of any source of bytes, a file of it as well', async () => {
    using folder = scratchFolder();
    const made = await make(folder.path, (writer) => writer.add(fileEntry('top/a', 5), Buffer.from('hello')));
    const handle = await open(join(made.archive));
    try {
      const archive = await openIndexedArchive(fileSource(handle, (await handle.stat()).size));
      expect((await bytesOf(await archive.read('top/a', { offset: 1, length: 3 }))).toString()).toBe('ell');
      const cut = fileSource(handle, 100);
      await expect(openIndexedArchive(cut)).rejects.toMatchObject({ code: 'ArchiveBroken' });
    } finally {
      await handle.close();
    }
  });
});
