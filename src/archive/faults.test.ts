import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { packDirectory } from './pack-directory.ts';
import { packTar } from './pack-tar.ts';
import { createPartWriter } from './part-writer.ts';
import { sealArchive } from './seal.ts';
import { run, scratchFolder, treeOf } from './test-support.ts';
import { unpackArchive } from './unpack.ts';
import { verifyArchive } from './verify.ts';

const isLong = process.env.MUSTER_LONG !== undefined;
const quiet = () => undefined;

/** Content that does not compress, the same each time. */
function noise(sizeBytes: number, seed: number): Buffer {
  let state = seed + 1;
  return Buffer.from(
    Array.from({ length: sizeBytes }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state & 255;
    }),
  );
}

/** Arguments of Node for a script that begins with what every child here needs; its folder is `folder`. */
function script(folder: string, body: string): string[] {
  const modules = ['pack-directory', 'part-writer', 'seal'].map((name) => join(import.meta.dirname, `${name}.ts`));
  const [packing, writing, sealing] = modules.map((file) => JSON.stringify(file));
  const head = `import { readdirSync } from 'node:fs';
    import { packDirectory } from ${packing}; import { createPartWriter } from ${writing};
    import { sealArchive } from ${sealing};
    const folder = ${JSON.stringify(folder)};
    const say = () => undefined;
    const told = (error) => ({ code: error.code, message: error.message });
    const noise = ${noise.toString()};`;
  return ['--no-warnings', '--input-type=module', '--eval', `${head}\n${body}`];
}

/** Packs 6 MB and seals them in `folder`; says what became of both and what is in the folder then. */
const packAndSeal = `
  const directory = folder + '/part';
  const answers = {};
  let writer;
  try {
    writer = await createPartWriter({ directory, say, memberSizeBytes: 65536 });
    answers.opened = true;
    for (let i = 0; i < 60; i++) {
      const entry = { path: 'top/f' + i, type: 'file', sizeBytes: 100000, mode: 420, mtimeMs: 0 };
      await writer.add(entry, noise(100000, i));
    }
    const part = await writer.finish();
    answers.packed = true;
    await sealArchive({ parts: [part], generated: [], destination: folder + '/a.tar.gz', mtimeMs: 0 });
    answers.sealed = true;
  } catch (error) {
    answers.error = told(error);
  }
  answers.closing = await writer?.close().catch(told);
  answers.left = readdirSync(folder).sort();
  await writer?.discard();
  answers.afterwards = readdirSync(folder).sort();
  console.log(JSON.stringify(answers));`;

type Told = { code: string; message: string };
type Answers = {
  opened?: boolean;
  packed?: boolean;
  sealed?: boolean;
  error?: Told;
  closing?: Told;
  left: string[];
  afterwards: string[];
};

function answersOf({ status, stdout, stderr }: SpawnSyncReturns<string>): Answers {
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as Answers;
}

/** Runs a shell command that ends in Node with the script. */
function inShell(prelude: string, folder: string): Answers {
  const node = [process.execPath, ...script(folder, packAndSeal)];
  return answersOf(spawnSync('sh', ['-c', `${prelude} exec "$@"`, 'sh', ...node], { encoding: 'utf8' }));
}

/** A file system of that size at `folder`, in a mount namespace that ends with the command. */
function onSmallDisk(folder: string, sizeKb: number): Answers {
  const prelude = `mount -t tmpfs -o size=${sizeKb}k tmpfs '${folder}' &&`;
  const node = [process.execPath, ...script(folder, packAndSeal)];
  const command = ['-m', 'sh', '-c', `${prelude} exec "$@"`, 'sh', ...node];
  return answersOf(spawnSync('unshare', command, { encoding: 'utf8' }));
}

/** Up to 1 MB what does not fit is the record: it is what breaks in most ways. */
const sizesKb = isLong
  ? [...steps(4, 1000, 4), ...steps(1000, 14_000, 150)]
  : [8, 100, 240, 300, 420, 530, 2300, 7000, 13_500];

function steps(from: number, to: number, by: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / by) }, (_value, index) => from + index * by);
}

const canMount = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;

describe('a disk that is too small', () => {
  test('fails packing by its name', () => {
    using folder = scratchFolder();
    // In blocks of 512 or 1024 bytes, as the shell has it: less than 6 MB either way.
    const { packed, error, left } = inShell('ulimit -f 2000;', folder.path);
    expect(packed).toBeUndefined();
    expect(error).toMatchObject({ code: 'DestinationFailed', message: expect.stringMatching(/cannot write.*EFBIG/) });
    expect(left).toEqual(['part']);
  });

  test.skipIf(!canMount)('(tmpfs, needs root) fails packing, and leaves nothing of the archive', () => {
    using folder = scratchFolder();
    const { packed, error, left } = onSmallDisk(folder.path, 3000);
    expect(packed).toBeUndefined();
    expect(error).toMatchObject({ code: 'DestinationFailed', message: expect.stringMatching(/cannot write .*part/) });
    expect(left).toEqual(['part']);
  });

  test.skipIf(!canMount)('(tmpfs, needs root) fails sealing, and leaves nothing of the archive', () => {
    using folder = scratchFolder();
    const { packed, sealed, error, left } = onSmallDisk(folder.path, 9000);
    expect(packed).toBe(true);
    expect(sealed).toBeUndefined();
    expect(error).toMatchObject({ code: 'DestinationFailed', message: expect.stringMatching(/cannot write .*a\.tar/) });
    expect(left).toEqual(['part']);
  });

  test.skipIf(!canMount)(
    '(tmpfs, needs root) never breaks an archive, whatever its size',
    () => {
      using folder = scratchFolder();
      for (const sizeKb of sizesKb) expectWholeOrNothing(onSmallDisk(folder.path, sizeKb));
    },
    300_000,
  );
});

function expectWholeOrNothing({ opened, sealed, error, closing, left, afterwards }: Answers): void {
  const archive = sealed ? ['a.tar.gz'] : [];
  expect(left.filter((name) => name !== 'part')).toEqual(archive);
  if (!sealed) expect(error?.code).toBe('DestinationFailed');
  expect([undefined, 'DestinationFailed']).toContain(closing?.code);
  if (opened) expect(afterwards).toEqual(archive);
}

/** A tree of files of many sizes, of 2.5 MB together. */
function plantTree(root: string): void {
  for (let i = 0; i < 240; i++) {
    mkdirSync(join(root, `d${i % 20}`), { recursive: true });
    const sizeBytes = i % 40 === 0 ? 200_000 : (i * 7919) % 12_000;
    writeFileSync(join(root, `d${i % 20}/f${i}`), noise(sizeBytes, i));
  }
}

describe('kill -9', () => {
  const packing = `const writer = await createPartWriter({ directory: folder + '/part', say, memberSizeBytes: 65536 });
    console.log('ready');
    await packDirectory(folder + '/tree', writer, { prefix: 'top', say });
    await writer.finish();`;
  const runs = isLong ? 500 : 12;

  /** Starts packing and kills it so long after it began; answers whether it was still at it. */
  async function packAndKill(folder: string, delayMs: number): Promise<boolean> {
    const child = spawn(process.execPath, script(folder, packing), { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
    const [status] = await ended;
    clearTimeout(timer);
    return status === null;
  }

  /** Adds what the part lacks, as a stream of only that. */
  async function packMissing(folder: string, tree: Record<string, string>): Promise<number> {
    const writer = await createPartWriter({ directory: join(folder, 'part'), say: quiet, memberSizeBytes: 65_536 });
    const missing = Object.keys(tree).filter((path) => writer.lookup(`top/${path}`) === undefined);
    const names = Buffer.from(missing.map((path) => `${path}\n`).join(''));
    const tar = run('tar', ['-C', join(folder, 'tree'), '-c', '--no-recursion', '-T', '-'], names);
    await packTar(Readable.from([tar]), writer, { prefix: 'top', say: quiet });
    await writer.finish();
    return missing.length;
  }

  /** Packs everything once more over what is there. */
  async function packAgain(folder: string): Promise<void> {
    const writer = await createPartWriter({ directory: join(folder, 'part'), say: quiet, memberSizeBytes: 65_536 });
    await packDirectory(join(folder, 'tree'), writer, { prefix: 'top', say: quiet });
    await writer.finish();
  }

  test('of a packer at any moment costs only what is packed again', async () => {
    using folder = scratchFolder();
    const root = join(folder.path, 'tree');
    plantTree(root);
    const tree = treeOf(root);
    let killed = 0;
    let someDone = 0;
    for (let i = 0; i < runs; i++) {
      // Evenly over the time it takes: 0 to 200 ms on this tree.
      if (await packAndKill(folder.path, (i * 37) % 200)) killed += 1;
      if (i % 4 === 3) await packAgain(folder.path);
      else if ((await packMissing(folder.path, tree)) < Object.keys(tree).length) someDone += 1;
      const parts = [{ directory: join(folder.path, 'part') }];
      const destination = join(folder.path, 'a.tar.gz');
      await sealArchive({ parts, generated: [], destination, mtimeMs: 0 });
      expect((await verifyArchive(destination)).problems).toEqual([]);
      const out = join(folder.path, 'out');
      await unpackArchive(destination, out, { say: quiet, below: 'top' });
      expect(treeOf(out)).toEqual(tree);
      for (const name of ['out', 'part']) rmSync(join(folder.path, name), { recursive: true });
    }
    process.stdout.write(`killed ${killed} of ${runs} while packing, ${someDone} went on from something\n`);
    expect(killed).toBeGreaterThan(runs / 4);
    expect(someDone).toBeGreaterThan(runs / 4);
  }, 1_800_000);

  test.each([
    ['the generated files are packed', `[{ path: 'top/x', content: (function* () { kill(); })() }]`, 'undefined'],
    ['the archive is written', '[]', 'Object.assign(new AbortController().signal, { throwIfAborted: kill })'],
  ])('of a sealer while %s leaves nothing outside of its work folder', (_when, generated, signal) => {
    using folder = scratchFolder();
    mkdirSync(join(folder.path, 'work'));
    const body = `const kill = () => process.kill(process.pid, 'SIGKILL');
      await sealArchive({ parts: [], generated: ${generated}, destination: folder + '/a.tar.gz',
        workDirectory: folder + '/work', mtimeMs: 0, signal: ${signal} });`;
    const ended = spawnSync(process.execPath, script(folder.path, body), { encoding: 'utf8' });
    expect(ended.stderr).toBe('');
    expect(ended.signal).toBe('SIGKILL');
    expect(readdirSync(folder.path)).toEqual(['work']);
    expect(readdirSync(join(folder.path, 'work'))).not.toEqual([]);
  });

  test('is all that leaves something in the work folder', async () => {
    using folder = scratchFolder();
    const workDirectory = join(folder.path, 'work');
    mkdirSync(workDirectory);
    const destination = join(folder.path, 'a.tar.gz');
    const generated = [{ path: 'top/x', content: 'x' }];
    await sealArchive({ parts: [], generated, destination, workDirectory, mtimeMs: 0 });
    const before = readFileSync(destination);
    const controller = new AbortController();
    controller.abort();
    const { signal } = controller;
    await expect(
      sealArchive({ parts: [], generated, destination, workDirectory, mtimeMs: 0, signal }),
    ).rejects.toThrow();
    expect(readdirSync(workDirectory)).toEqual([]);
    expect(readFileSync(destination).equals(before)).toBe(true);
  });
});
