import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Entry } from './entry.ts';
import { packDirectory } from './pack-directory.ts';
import type { PartWriter } from './part-writer.ts';
import { openArchive } from './read-archive.ts';
import { bytesOf, make, run, scratchFolder } from './test-support.ts';
import { verifyArchive } from './verify.ts';

const isLong = process.env.MUSTER_LONG !== undefined;

/** Packs `tree` of a folder; `meddle` is called for each entry once its size is known and before it is read. */
async function packMeddled(folder: string, meddle: (entry: Entry) => void) {
  return await make(folder, async (writer, say) => {
    const meddled: PartWriter = {
      ...writer,
      add: (entry, content) => {
        meddle(entry);
        return writer.add(entry, content);
      },
    };
    await packDirectory(join(folder, 'tree'), meddled, { prefix: 'top/i', say });
  });
}

async function contentOf(file: string, path: string): Promise<string> {
  const archive = await openArchive(file);
  try {
    return (await bytesOf(await archive.read(path))).toString();
  } finally {
    await archive.close();
  }
}

const x = (count: number) => 'x'.repeat(count);
const changes: {
  name: string;
  change: (file: string) => void;
  content: string;
  says: RegExp;
}[] = [
  { name: 'grows', change: (file) => appendFileSync(file, 'more'), content: x(9000), says: /grew.*cut at 9000 bytes/ },
  {
    name: 'grows by a lot',
    change: (file) => appendFileSync(file, x(3_000_000)),
    content: x(9000),
    says: /grew.*cut at 9000 bytes/,
  },
  {
    name: 'shrinks',
    change: (file) => truncateSync(file, 100),
    content: x(100) + '\0'.repeat(8900),
    says: /8900 bytes short.*zeros/,
  },
  { name: 'becomes empty', change: (file) => truncateSync(file), content: '\0'.repeat(9000), says: /9000 bytes short/ },
  { name: 'vanishes', change: (file) => rmSync(file), content: x(9000), says: /^$/ },
  {
    name: 'is replaced',
    change: (file) => {
      writeFileSync(`${file}.new`, 'new');
      renameSync(`${file}.new`, file);
    },
    content: x(9000),
    says: /^$/,
  },
  {
    name: 'is replaced by a link',
    change: (file) => {
      rmSync(file);
      symlinkSync('/etc/passwd', file);
    },
    content: x(9000),
    says: /^$/,
  },
];

test.each(changes)('a file that $name while it is read is packed at its first size', async (it) => {
  using folder = scratchFolder();
  const file = join(folder.path, 'tree/f');
  mkdirSync(join(folder.path, 'tree'));
  writeFileSync(file, x(9000));
  const made = await packMeddled(folder.path, ({ path }) => {
    if (basename(path) === 'f') it.change(file);
  });
  expect(await contentOf(made.archive, 'top/i/f')).toBe(it.content);
  expect(made.lines.join('\n')).toMatch(it.says);
  expect((await verifyArchive(made.archive)).problems).toEqual([]);
});

test.each([
  ['vanishes', () => undefined, /ENOENT/],
  ['becomes a pipe', (file: string) => run('mkfifo', [file]), /a named pipe/],
  ['becomes a link out', (file: string) => symlinkSync('/etc/passwd', file), /absolute/],
])('what %s after its folder was listed is left out with a line', async (_what, change, says) => {
  using folder = scratchFolder();
  const root = join(folder.path, 'tree');
  mkdirSync(root);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(root, name), name);
  let first: string | undefined;
  const made = await packMeddled(folder.path, ({ path, type }) => {
    if (type !== 'file' || first !== undefined) return;
    first = basename(path);
    for (const name of ['a', 'b', 'c'].filter((name) => name !== first)) {
      rmSync(join(root, name));
      change(join(root, name));
    }
  });
  expect(made.names).toEqual(['top/i', `top/i/${first}`]);
  expect(made.lines).toHaveLength(2);
  for (const line of made.lines) expect(line).toMatch(says);
});

test('a folder that becomes a link out after it was listed is not followed', async () => {
  using folder = scratchFolder();
  const root = join(folder.path, 'tree');
  for (const name of ['a', 'b']) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, 'f'), 'inside');
  }
  mkdirSync(join(folder.path, 'outside'));
  writeFileSync(join(folder.path, 'outside/f'), 'secret');
  // While the first folder is being packed, it and the other one are swapped for links.
  let done = false;
  const made = await packMeddled(folder.path, ({ path }) => {
    if (done || path === 'top/i') return;
    done = true;
    for (const name of ['a', 'b']) {
      renameSync(join(root, name), join(folder.path, `was-${name}`));
      symlinkSync(join(folder.path, 'outside'), join(root, name));
    }
  });
  const files = made.names.filter((name) => name.endsWith('/f'));
  expect(files).toHaveLength(1);
  expect(await contentOf(made.archive, files[0] ?? '')).toBe('inside');
  expect(made.lines.join('\n')).toMatch(/^[^\n]*absolute[^\n]*$/);
});

test('names that are swapped all the time never lead out of the tree, nor break the archive', async () => {
  using folder = scratchFolder();
  const root = join(folder.path, 'tree');
  const outside = join(folder.path, 'outside');
  mkdirSync(root);
  mkdirSync(outside);
  writeFileSync(join(outside, 'f'), 'secret');
  const swapper = `import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
    const [root, outside] = process.argv.slice(1);
    const kinds = [
      (at) => writeFileSync(at, 'x'.repeat(Math.random() * 200000)), (at) => symlinkSync(outside + '/f', at),
      (at) => symlinkSync(outside, at), (at) => { mkdirSync(at); writeFileSync(at + '/f', 'inside'); },
      (at) => truncateSync(at, 10), (at) => undefined,
    ];
    const until = Date.now() + ${isLong ? 60_000 : 2_500};
    console.log('ready');
    while (Date.now() < until) {
      const at = root + '/n' + Math.floor(Math.random() * 12);
      try {
        rmSync(at, { recursive: true, force: true });
        kinds[Math.floor(Math.random() * kinds.length)](at);
      } catch {}
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', swapper, root, outside], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  let rounds = 0;
  while (child.exitCode === null) {
    const folderOfRound = join(folder.path, 'round');
    mkdirSync(folderOfRound);
    const made = await make(folderOfRound, (writer, say) => packDirectory(root, writer, { prefix: 'top', say }));
    expect((await verifyArchive(made.archive)).problems).toEqual([]);
    expect(
      run('sh', ['-c', `gunzip -c '${made.archive}' | grep -ac secret || true`])
        .toString()
        .trim(),
    ).toBe('0');
    rmSync(folderOfRound, { recursive: true });
    rounds += 1;
  }
  expect(await ended).toEqual([0, null]);
  expect(rounds).toBeGreaterThan(3);
}, 120_000);

test('a socket is left out with a line', async () => {
  using folder = scratchFolder();
  const root = join(folder.path, 'tree');
  mkdirSync(root);
  writeFileSync(join(root, 'f'), 'x');
  const server = createServer().listen(join(root, 'door'));
  await once(server, 'listening');
  const made = await packMeddled(folder.path, () => undefined);
  server.close();
  expect(made.names).toEqual(['top/i', 'top/i/f']);
  expect(made.lines).toEqual(['left out "top/i/door": a socket']);
});

test('what may not be read is left out with a line', () => {
  using folder = scratchFolder();
  const root = join(folder.path, 'tree');
  for (const name of ['closed', 'open']) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, 'f'), name);
  }
  writeFileSync(join(root, 'secret'), 'x');
  chmodSync(folder.path, 0o777);
  for (const name of ['closed', 'secret']) chmodSync(join(root, name), 0);
  const modules = ['pack-directory', 'part-writer'].map((name) => join(import.meta.dirname, `${name}.ts`));
  const [packing, writing] = modules.map((file) => JSON.stringify(file));
  // Root reads everything: it becomes another user first.
  const child = `import { packDirectory } from ${packing}; import { createPartWriter } from ${writing};
    const [folder] = process.argv.slice(1);
    if (process.getuid() === 0) process.seteuid(65534);
    const lines = [];
    const say = (line) => lines.push(line);
    const writer = await createPartWriter({ directory: folder + '/part', say });
    await packDirectory(folder + '/tree', writer, { prefix: 'top', say });
    console.log(JSON.stringify({ names: [...writer.entries('')].map(({ path }) => path), lines: lines.sort() }));
    await writer.close();`;
  const args = ['--no-warnings', '--input-type=module', '--eval', child, folder.path];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  // So that whoever is not root can remove them.
  for (const name of ['closed', 'secret']) chmodSync(join(root, name), 0o700);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    names: ['top', 'top/open', 'top/open/f'],
    lines: [
      expect.stringMatching(/^left out "top\/closed": EACCES/),
      expect.stringMatching(/^left out "top\/secret": EACCES/),
    ],
  });
});
