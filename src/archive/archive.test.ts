import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packDirectory } from './pack-directory.ts';
import { packTar } from './pack-tar.ts';
import { openArchive } from './read-archive.ts';
import { bytesOf, fileEntry, hasTool, make, run, scratchFolder, treeOf } from './test-support.ts';
import { unpackArchive } from './unpack.ts';
import { verifyArchive } from './verify.ts';

const many = process.env.MUSTER_LONG ? 500 : 25;
const quiet = () => undefined;

const segment = fc.oneof(
  fc.constantFrom('a', 'b', 'c'),
  fc
    .string({ minLength: 1, maxLength: 12, unit: 'binary' })
    .filter((name) => /^[^/\0]+$/.test(name) && !/^\.\.?$/.test(name) && name.isWellFormed()),
  fc.constant('n'.repeat(120)),
);
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
const node = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('file' as const), bytes: fc.uint8Array({ maxLength: 9000 }) }),
  },
  fc.record({ kind: fc.constant('directory' as const) }),
  fc.record({ kind: fc.constant('symlink' as const), target: segment }),
);
const tree = fc.dictionary(path, node, { maxKeys: 25 });
type Tree = Record<string, { kind: string; bytes?: Uint8Array; target?: string }>;

/** Writes what fits: a path below one that is a file is skipped, as no disk could hold it. */
function plant(root: string, planned: Tree): void {
  mkdirSync(root, { recursive: true });
  for (const [name, { kind, bytes, target }] of Object.entries(planned)) {
    const at = join(root, name);
    try {
      mkdirSync(kind === 'directory' ? at : dirname(at), { recursive: true });
      if (kind === 'file') writeFileSync(at, bytes ?? '', { flag: 'wx' });
      if (kind === 'symlink') symlinkSync(target ?? 'x', at);
    } catch (error) {
      expect(String(error)).toMatch(/EEXIST|ENOTDIR|ENOENT|ELOOP/);
    }
  }
}

describe('a tree', () => {
  test('is the same after pack, seal and GNU tar, and after our own unpacking', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.integer({ min: 512, max: 20_000 }), async (planned, memberSizeBytes) => {
        using folder = scratchFolder();
        const root = join(folder.path, 'tree');
        plant(root, planned);
        const made = await make(
          folder.path,
          (writer, say) => packDirectory(root, writer, { prefix: 'top/i', say }),
          memberSizeBytes,
        );
        const [gnu, ours] = [join(folder.path, 'gnu'), join(folder.path, 'ours')];
        mkdirSync(gnu);
        run('tar', ['-xzf', made.archive, '-C', gnu]);
        await unpackArchive(made.archive, ours, { say: quiet });
        expect(treeOf(join(gnu, 'top/i'))).toEqual(treeOf(root));
        expect(treeOf(ours)).toEqual(treeOf(gnu));
        expect(made.lines).toEqual([]);
        expect(await verifyArchive(made.archive)).toMatchObject({
          ok: true,
          problems: [],
          sha256: made.sealed.sha256,
          indexed: true,
        });
      }),
      { numRuns: many },
    );
  });

  test('is the same through a tar stream of GNU tar and of pax', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.constantFrom('gnu', 'pax'), async (planned, format) => {
        using folder = scratchFolder();
        const root = join(folder.path, 'tree');
        plant(root, planned);
        const tar = run('tar', [`--format=${format}`, '-C', root, '-c', '.']);
        const made = await make(folder.path, (writer, say) =>
          packTar(Readable.from([tar]), writer, { prefix: 'top/i', say }),
        );
        await unpackArchive(made.archive, join(folder.path, 'out'), { say: quiet });
        expect(treeOf(join(folder.path, 'out/top/i'))).toEqual(treeOf(root));
        await unpackArchive(made.archive, join(folder.path, 'stripped'), { say: quiet, below: 'top/i' });
        expect(treeOf(join(folder.path, 'stripped'))).toEqual(treeOf(root));
      }),
      { numRuns: many },
    );
  });
});

describe('an index', () => {
  test('reads any stretch of any file', async () => {
    using folder = scratchFolder();
    const contents = new Map<string, Buffer>();
    for (const [i, size] of [0, 1, 511, 512, 4000, 4096, 5000, 60_000, 200_001].entries()) {
      contents.set(`top/f${i}`, Buffer.from(Array.from({ length: size }, (_, at) => (at * 7 + i) % 251)));
    }
    const made = await make(folder.path, async (writer) => {
      for (const [name, bytes] of contents) await writer.add(fileEntry(name, bytes.length), bytes);
      await writer.add({ ...fileEntry('top/hard', 0), type: 'hardlink', linkTarget: 'top/f7' });
    });
    contents.set('top/hard', contents.get('top/f7') ?? Buffer.alloc(0));
    await using archive = { file: await openArchive(made.archive), [Symbol.asyncDispose]: () => archive.file.close() };
    expect(archive.file.indexed).toBe(true);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...contents.keys()),
        fc.nat(210_000),
        fc.nat(210_000),
        async (name, offset, length) => {
          const read = await bytesOf(await archive.file.read(name, { offset, length }));
          expect(read.equals(contents.get(name)?.subarray(offset, offset + length) ?? Buffer.alloc(0))).toBe(true);
        },
      ),
      { numRuns: many * 4 },
    );
    await expect(archive.file.read('top/none')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(archive.file.read('../x')).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('is not needed: archives of others are listed and read too', async () => {
    using folder = scratchFolder();
    const root = join(folder.path, 'tree');
    plant(root, {
      'a/b.txt': { kind: 'file', bytes: Buffer.from('hello') },
      'a/l': { kind: 'symlink', target: 'b.txt' },
    });
    for (const [flags, name] of [
      ['-czf', 'o.tar.gz'],
      ['-cf', 'o.tar'],
    ] as const) {
      const file = join(folder.path, name);
      run('tar', [flags, file, '-C', root, '.']);
      const archive = await openArchive(file);
      const names = [];
      for await (const entry of archive.entries()) names.push(entry.path);
      expect(archive.indexed).toBe(false);
      expect(names.sort()).toEqual(['a', 'a/b.txt', 'a/l']);
      expect((await bytesOf(await archive.read('a/b.txt', { offset: 1, length: 3 }))).toString()).toBe('ell');
      await archive.close();
      expect(await verifyArchive(file)).toMatchObject({ ok: true, indexed: false, files: 1 });
    }
  });
});

describe('other tools', () => {
  const source = async (folder: string) =>
    await make(folder, async (writer) => {
      for (let i = 0; i < 3000; i++)
        await writer.add(
          fileEntry(`top/dir-${i % 7}/é-${i}`, 20),
          Buffer.from(`content of file ${i}    `.slice(0, 20)),
        );
    });
  const checks = [
    ['tar', (file: string) => run('tar', ['-tzf', file])],
    ['gunzip', (file: string) => run('gunzip', ['-t', file])],
    [
      'python3',
      (file: string) =>
        run('python3', ['-c', 'import sys,tarfile\nfor m in tarfile.open(sys.argv[1]): print(m.name)', file]),
    ],
    ['7z', (file: string) => run('7z', ['t', file])],
    ['7z', (file: string) => run('sh', ['-c', '7z x -so "$1" | tar -tf -', 'sh', file])],
  ] as const;
  for (const [tool, use] of checks) {
    test.skipIf(!hasTool(tool))(`${tool} accepts an archive`, async () => {
      using folder = scratchFolder();
      const made = await source(folder.path);
      const output = use(made.archive).toString();
      if (output.includes('dir-')) expect(output.trim().split('\n')).toHaveLength(3001);
    });
  }
});
