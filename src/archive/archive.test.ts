import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packDirectory } from './pack-directory.ts';
import { packTar } from './pack-tar.ts';
import { createPartWriter } from './part-writer.ts';
import { openArchive } from './read-archive.ts';
import { sealArchive } from './seal.ts';
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
        const { Readable } = await import('node:stream');
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

describe('a part', () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        op: fc.constant('add' as const),
        name: fc.nat(12),
        size: fc.nat(6000),
        fill: fc.nat(255),
      }),
    },
    fc.record({ op: fc.constant('drop' as const), name: fc.nat(12) }),
    fc.record({ op: fc.constant('link' as const), name: fc.nat(12), to: fc.nat(12) }),
    fc.record({ op: fc.constant('remove' as const), name: fc.nat(12) }),
    fc.record({ op: fc.constant('reopen' as const) }),
  );

  test('holds what was added last, however often files are replaced, dropped and the writer reopened', async () => {
    await fc.assert(
      // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one script, a line for each kind of step
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        using folder = scratchFolder();
        const directory = join(folder.path, 'part');
        const options = { directory, say: quiet, memberSizeBytes: 4096 };
        let writer = await createPartWriter(options);
        const wanted = new Map<string, Buffer>();
        const links = new Map<string, string>();
        const add = async (name: string) => {
          const bytes = wanted.get(name);
          if (bytes) await writer.add(fileEntry(name, bytes.length), bytes);
          else if (links.has(name))
            await writer.add({ ...fileEntry(name, 0), type: 'hardlink', linkTarget: links.get(name) });
        };
        for (const it of steps) {
          const name = 'name' in it ? `f${it.name}` : '';
          if (it.op === 'add') {
            wanted.set(name, Buffer.alloc(it.size, it.fill));
            await add(name);
          } else if (it.op === 'drop') {
            const again = await writer.drop([name]);
            expect(again.every((path) => writer.lookup(path) === undefined)).toBe(true);
            if (wanted.has(name)) expect(again).toContain(name);
            for (const path of again.filter((path) => wanted.has(path))) await add(path);
            for (const path of again.filter((path) => links.has(path))) await add(path);
          } else if (it.op === 'link' && wanted.has(`f${it.to}`)) {
            links.set(`l${it.name}`, `f${it.to}`);
            await add(`l${it.name}`);
          } else if (it.op === 'remove' && ![...links.values()].includes(name)) {
            wanted.delete(name);
            await writer.remove([name]);
          } else if (it.op === 'reopen') {
            const before = [...writer.entries('')];
            await writer.drop([]);
            await writer.close();
            const { packedBytes } = writer.stats();
            writer = await createPartWriter(options);
            expect([...writer.entries('')]).toEqual(before);
            expect(writer.stats().packedBytes).toBe(packedBytes);
          }
          const files = [...writer.entries('')].filter(({ type }) => type === 'file');
          const contentBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
          expect(writer.stats()).toMatchObject({ files: files.length, contentBytes });
        }
        const part = await writer.finish();
        const destination = join(folder.path, 'a.tar.gz');
        await sealArchive({ parts: [part], generated: [], destination, mtimeMs: 0 });
        expect((await verifyArchive(destination)).problems).toEqual([]);
        const out = join(folder.path, 'out');
        mkdirSync(out);
        run('tar', ['-xzf', destination, '-C', out]);
        const expected = Object.fromEntries([...wanted].map(([name, bytes]) => [name, bytes.toString('base64')]));
        for (const [name, target] of links) expected[name] = wanted.get(target)?.toString('base64') ?? '';
        expect(treeOf(out)).toEqual(expected);
      }),
      { numRuns: many * 2 },
    );
  });

  test('says of content that is too short, too long or broken, and stays whole', async () => {
    using folder = scratchFolder();
    async function* broken() {
      yield Buffer.from('ab');
      throw new Error('gone away');
    }
    const made = await make(folder.path, async (writer) => {
      await writer.add(fileEntry('top/short', 10), Buffer.from('abc'));
      await writer.add(fileEntry('top/long', 2), Buffer.from('abc'));
      await writer.add(fileEntry('top/broken', 9000), broken());
    });
    expect(made.lines).toHaveLength(3);
    expect(made.lines.join('\n')).toMatch(/short.*7 bytes short[\s\S]*long.*grew[\s\S]*broken.*gone away/);
    const archive = await openArchive(made.archive);
    expect((await bytesOf(await archive.read('top/short'))).toString()).toBe('abc\0\0\0\0\0\0\0');
    await archive.close();
    expect((await verifyArchive(made.archive)).ok).toBe(true);
  });
});

describe('sealing', () => {
  test('puts parts in order and refuses the same path twice, leaving nothing', async () => {
    using folder = scratchFolder();
    const part = async (name: string, path: string) => {
      const writer = await createPartWriter({ directory: join(folder.path, name), say: quiet });
      await writer.add(fileEntry(path, 3), Buffer.from(name.slice(0, 3)));
      return await writer.finish();
    };
    const parts = [await part('two', 'top/z'), await part('one', 'top/a')];
    const destination = join(folder.path, 'a.tar.gz');
    await sealArchive({ parts, generated: [{ path: 'top/m', content: ['x', 'y'] }], destination, mtimeMs: 0 });
    expect(run('tar', ['-tzf', destination]).toString()).toBe('top/z\ntop/a\ntop/m\n');
    const again = join(folder.path, 'b.tar.gz');
    const twice = sealArchive({ parts, generated: [{ path: 'top/z', content: '' }], destination: again, mtimeMs: 0 });
    await expect(twice).rejects.toThrow('two parts hold "top/z"');
    expect(Object.keys(treeOf(folder.path)).filter((name) => name.startsWith('b.'))).toEqual([]);
  });

  test('says which destination cannot be written', async () => {
    using folder = scratchFolder();
    const destination = join(folder.path, 'no/such/a.tar.gz');
    writeFileSync(join(folder.path, 'no'), '');
    const sealed = sealArchive({ parts: [], generated: [], destination, mtimeMs: 0 });
    await expect(sealed).rejects.toMatchObject({ code: 'DestinationFailed' });
    expect(Object.keys(treeOf(folder.path))).toEqual(['no']);
  });
});

describe('a folder', () => {
  test('with what cannot be packed gets a line for each', async () => {
    using folder = scratchFolder();
    const root = join(folder.path, 'tree');
    mkdirSync(join(root, 'd'), { recursive: true });
    writeFileSync(join(root, 'd/one'), 'one');
    linkSync(join(root, 'd/one'), join(root, 'two'));
    symlinkSync('/etc', join(root, 'out'));
    symlinkSync('d', join(root, 'in'));
    run('mkfifo', [join(root, 'pipe')]);
    run('truncate', ['-s', '3G', join(root, 'holes')]);
    run('truncate', ['-s', '1M', join(root, 'few-holes')]);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x62, 0xe9])]), 'latin');
    chmodSync(join(root, 'd/one'), 0o600);
    const made = await make(folder.path, (writer, say) => packDirectory(root, writer, { prefix: 'top/i', say }));
    expect(made.names).toEqual(
      ['', '/b%E9', '/d', '/d/one', '/few-holes', '/in', '/two'].map((name) => `top/i${name}`),
    );
    expect(made.lines.sort().join('\n')).toMatch(/holes.*holes\n.*out.*absolute\n.*pipe.*named pipe/);
    expect((await verifyArchive(made.archive)).ok).toBe(true);
    expect(statSync(made.archive).size).toBeLessThan(20_000);
  });

  test('that is longer than the kernel takes as one path is packed up to that length', async () => {
    using folder = scratchFolder();
    const root = join(folder.path, 'tree');
    mkdirSync(root);
    run('sh', [
      '-c',
      `cd ${root}; n=$(printf 'd%.0s' $(seq 200)); for i in $(seq 30); do mkdir $n; cd $n; done; echo x > f`,
    ]);
    const made = await make(folder.path, (writer, say) => packDirectory(root, writer, { prefix: 'top', say }));
    expect(made.lines).toHaveLength(1);
    expect(made.lines[0]).toMatch(/too long/);
    expect(Buffer.byteLength(made.names.at(-1) ?? '')).toBeGreaterThan(3800);
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

async function checkDamaged(folder: string, good: Buffer, at: number, bit: number): Promise<void> {
  const bad = Buffer.from(good);
  bad[at] = (bad[at] ?? 0) ^ (1 << bit);
  const file = join(folder, 'bad.tar.gz');
  writeFileSync(file, bad);
  const { ok, sha256, problems } = await verifyArchive(file);
  expect(sha256).not.toBe(createHash('sha256').update(good).digest('hex'));
  expect(ok).toBe(problems.length === 0);
  // What nobody reads (the time in a gzip header, say) may be damaged unseen; the tar may not.
  if (ok) expect(gunzipSync(bad).equals(gunzipSync(good))).toBe(true);
  await readAll(file);
}

async function readAll(file: string): Promise<void> {
  const archive = await openArchive(file).catch((error: unknown) =>
    expect(error).toMatchObject({ code: 'ArchiveBroken' }),
  );
  if (typeof archive !== 'object') return;
  try {
    for await (const entry of archive.entries())
      if (entry.type === 'file') await bytesOf(await archive.read(entry.path));
  } catch (error) {
    expect(['ArchiveBroken', 'NotFound']).toContain((error as { code?: string }).code);
  } finally {
    await archive.close();
  }
}

describe('damage', () => {
  test('is found, wherever it is, and never thrown raw', async () => {
    using folder = scratchFolder();
    const made = await make(folder.path, async (writer) => {
      for (let i = 0; i < 40; i++)
        await writer.add(fileEntry(`top/f${i}`, i * 90), Buffer.alloc(i * 90, `line ${i}\n`));
    });
    const { readFileSync } = await import('node:fs');
    const good = readFileSync(made.archive);
    // Time, XFL and OS of a gzip header carry nothing: damage there changes no byte that anybody reads.
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        await checkDamaged(folder.path, good, at, bit);
      }),
      { numRuns: many * 4 },
    );
  });

  test('of a cut or a tail is a problem', async () => {
    using folder = scratchFolder();
    const made = await make(folder.path, (writer) => writer.add(fileEntry('top/f', 9000), Buffer.alloc(9000, 'x')));
    run('sh', ['-c', `head -c 60 ${made.archive} > ${folder.path}/cut`]);
    expect((await verifyArchive(join(folder.path, 'cut'))).ok).toBe(false);
    appendFileSync(join(folder.path, 'text'), 'no archive at all, only some text');
    expect((await verifyArchive(join(folder.path, 'text'))).problems).toEqual(['the file is neither gzip nor tar']);
    await expect(verifyArchive(join(folder.path, 'none'))).rejects.toMatchObject({ code: 'NotFound' });
  });
});
