import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sealArchive } from './seal.ts';
import { run, scratchFolder, treeOf } from './test-support.ts';
import { openTreePacker, type TreePacker } from './tree-packer.ts';
import { unpackArchive } from './unpack.ts';
import { verifyArchive } from './verify.ts';

const isLong = process.env.MUSTER_LONG !== undefined;
const never = new AbortController().signal;
/** A signal that is never aborted, but does something whenever it is asked: at each step of a walk. */
const atEachStep = (act: () => void): AbortSignal =>
  Object.assign(new AbortController().signal, { throwIfAborted: act });
/** Beyond a tick of the kernel's clock, by which it stamps files (CONFIG_HZ of 100 at the least). */
const tick = () => setTimeout(25);

const names = fc.constantFrom('a', 'b', 'c', 'd', 'a/e', 'a/f', 'b/e', 'b/g/h', 'c/x', 'd/y');
const change = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('write' as const), names, fc.nat(9000)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('append' as const), names, fc.nat(300)) },
  fc.tuple(fc.constant('truncate' as const), names, fc.nat(50)),
  fc.tuple(fc.constant('remove' as const), names, fc.nat(1)),
  fc.tuple(fc.constant('rename' as const), names, names),
  fc.tuple(fc.constant('link' as const), names, names),
  fc.tuple(fc.constant('symlink' as const), names, names),
  fc.tuple(fc.constant('folder' as const), names, fc.nat(1)),
  fc.tuple(fc.constant('mode' as const), names, fc.constantFrom(0o700, 0o740, 0o755)),
);
type Change = [string, string, string | number];

/** Changes what can be changed so: what the disk refuses is skipped. */
function make(root: string, [kind, name, more]: Change, fill: string): void {
  const at = join(root, name);
  const other = join(root, String(more));
  const does: Record<string, () => void> = {
    write: () => {
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, fill.repeat(Number(more)));
    },
    append: () => appendFileSync(at, fill.repeat(Number(more))),
    truncate: () => truncateSync(at, Math.min(Number(more), statSync(at).size)),
    remove: () => rmSync(at, { recursive: true }),
    rename: () => renameSync(at, other),
    link: () => linkSync(at, other),
    symlink: () => symlinkSync('x', at),
    folder: () => mkdirSync(at, { recursive: true }),
    mode: () => chmodSync(at, Number(more)),
  };
  try {
    does[kind]?.();
  } catch (error) {
    expect(String(error)).toMatch(/ENOENT|ENOTDIR|EISDIR|EEXIST|ENOTEMPTY|EINVAL|EPERM|ELOOP/);
  }
}

async function packed(folder: string, whilePacking: (packer: TreePacker, root: string) => Promise<unknown>) {
  const root = join(folder, 'tree');
  const directory = join(folder, 'part');
  mkdirSync(root);
  const lines: string[] = [];
  const packer = await openTreePacker({ root, prefix: 'top/i', directory, say: (line) => lines.push(line) });
  const early = await whilePacking(packer, root);
  const isAll = await packer.finish(never);
  await packer.writer.finish();
  packer.close();
  const destination = join(folder, 'a.tar.gz');
  await sealArchive({ parts: [{ directory }], generated: [], destination, mtimeMs: 0 });
  await unpackArchive(destination, join(folder, 'out'), { say: (line) => lines.push(line), below: 'top/i' });
  return { early, isAll, lines, root, destination, tree: treeOf(join(folder, 'out')) };
}

describe('what is packed while it changes', () => {
  test('is the tree as it was at its last change', async () => {
    let packedEarly = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 6 }), async (rounds) => {
        using folder = scratchFolder();
        const found = await packed(folder.path, async (packer, root) => {
          for (const [number, changes] of rounds.entries()) {
            const left = [...changes];
            const makeOne = () => {
              const one = left.shift();
              if (one !== undefined) make(root, one as Change, String.fromCharCode(97 + number + left.length));
            };
            // Half of them before the walk, the others within it, or behind it when it has too few steps.
            while (left.length > changes.length / 2) makeOne();
            await tick();
            await packer.round(atEachStep(makeOne));
            while (left.length > 0) makeOne();
          }
          packedEarly += packer.writer.stats().files;
        });
        expect(found.tree).toEqual(treeOf(found.root));
        expect(found).toMatchObject({ isAll: true, lines: [] });
        expect((await verifyArchive(found.destination)).problems).toEqual([]);
      }),
      { numRuns: isLong ? 1500 : 45, seed: isLong ? Date.now() : 5 },
    );
    expect(packedEarly).toBeGreaterThan(20);
  });

  test('is the tree as it was at its last change, however the changes fall into the walks', async () => {
    using folder = scratchFolder();
    const worker = `const { workerData: { root, untilMs } } = require('node:worker_threads');
      const fs = require('node:fs'); const path = require('node:path');
      let seed = 7; const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
      const name = () => path.join(root, String(random(9)), String(random(30)));
      const does = [
        () => { const at = name(); fs.mkdirSync(path.dirname(at), { recursive: true }); fs.writeFileSync(at, 'xyz'.repeat(random(40000))); },
        () => fs.appendFileSync(name(), 'more'.repeat(random(300))), () => fs.rmSync(name()),
        () => fs.renameSync(name(), name()), () => fs.linkSync(name(), name()), () => fs.truncateSync(name(), 5),
        () => { if (random(8) === 0) fs.renameSync(path.dirname(name()), path.dirname(name())); },
        () => { if (random(30) === 0) fs.rmSync(path.dirname(name()), { recursive: true }); },
        () => fs.symlinkSync('y', name()),
      ];
      const nap = new Int32Array(new SharedArrayBuffer(4));
      while (Date.now() < untilMs) { try { does[random(2) ? 0 : random(does.length)](); } catch {} Atomics.wait(nap, 0, 0, random(12)); }`;
    const found = await packed(folder.path, async (packer, root) => {
      const untilMs = Date.now() + (isLong ? 60_000 : 4000);
      const writing = new Worker(worker, { eval: true, workerData: { root, untilMs } });
      const ended = new Promise((resolve) => writing.once('exit', resolve));
      let rounds = 0;
      while (Date.now() < untilMs) {
        await packer.round(never);
        await tick();
        rounds += 1;
      }
      await ended;
      return { rounds, files: packer.writer.stats().files };
    });
    expect(found.tree).toEqual(treeOf(found.root));
    expect(found).toMatchObject({ isAll: true, lines: [] });
    expect(found.early).toMatchObject({ rounds: expect.any(Number), files: expect.any(Number) });
    expect((await verifyArchive(found.destination)).problems).toEqual([]);
  });

  test('needs two looks that agree, and is packed again when it changed after that', async () => {
    using folder = scratchFolder();
    const found = await packed(folder.path, async (packer, root) => {
      const counts: number[] = [];
      const round = async () => {
        await tick();
        const { allocatedBytes } = await packer.round(never);
        expect(allocatedBytes).toBeGreaterThan(0);
        counts.push(packer.writer.stats().files);
      };
      writeFileSync(join(root, 'settled'), 'x'.repeat(5000));
      await round();
      writeFileSync(join(root, 'new'), 'x');
      await round();
      appendFileSync(join(root, 'settled'), 'more');
      await round();
      return counts;
    });
    expect(found.early).toEqual([0, 1, 2]);
    expect(found.tree).toEqual(treeOf(found.root));
  });

  test('tells what was left out once, and only at the end', async () => {
    using folder = scratchFolder();
    const found = await packed(folder.path, async (packer, root) => {
      run('mkfifo', [join(root, 'pipe')]);
      symlinkSync('/etc/passwd', join(root, 'out'));
      writeFileSync(join(root, 'f'), 'x');
      for (let i = 0; i < 3; i++) {
        await tick();
        await packer.round(never);
      }
    });
    expect(found.lines.sort()).toEqual([
      'left out "top/i/out": symlink to "/etc/passwd": its target is absolute',
      'left out "top/i/pipe": a named pipe',
    ]);
    expect(found.isAll).toBe(true);
    expect(Object.keys(found.tree)).toEqual(['f']);
  });

  test('says so when the tree goes on changing', async () => {
    using folder = scratchFolder();
    const root = join(folder.path, 'tree');
    mkdirSync(root);
    writeFileSync(join(root, 'f'), '');
    const packer = await openTreePacker({
      root,
      prefix: 'top',
      directory: join(folder.path, 'part'),
      say: () => undefined,
    });
    expect(await packer.finish(atEachStep(() => appendFileSync(join(root, 'f'), 'x')))).toBe(false);
    await packer.writer.discard();
    packer.close();
    expect(readdirSync(folder.path)).toEqual(['tree']);
  });
});
