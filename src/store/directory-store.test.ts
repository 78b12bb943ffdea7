import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDirectoryStore } from './directory-store.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-store-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const opened = (sweepBeforeMs = 0) => openDirectoryStore(root, { sweepBeforeMs });
const bytesOf = (...chunks: (string | Uint8Array)[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('an object is read back whole and in ranges, listed below its folder, replaced and removed', async () => {
  const store = await opened();
  expect(await store.list('')).toEqual([]);
  await store.put('r1/a', bytesOf('first'));
  await store.put('r1/a', bytesOf('0123', '4567'));
  await store.put('r10/b', bytesOf());
  expect((await buffer(await store.read('r1/a'))).toString()).toBe('01234567');
  expect((await buffer(await store.read('r1/a', { start: 2, end: 5 }))).toString()).toBe('234');
  expect(await store.list('r1')).toMatchObject([{ key: 'r1/a', sizeBytes: 8 }]);
  await store.remove('r1/a');
  await store.remove('r1/a');
  await expect(store.read('r1/a')).rejects.toMatchObject({ code: 'NotFound' });
  await store.removeFolder('r10');
  expect(await store.list('')).toEqual([]);
});

test('what is not as expected, or ends early, leaves neither object nor temporary file', async () => {
  const store = await opened();
  await store.put('kept', bytesOf('old'));
  const cut = async function* () {
    yield Buffer.from('ne');
    throw new Error('cut');
  };
  await expect(store.put('kept', cut())).rejects.toThrow('cut');
  for (const expected of [{ sizeBytes: 4 }, { sha256: sha256(Buffer.from('other')) }]) {
    await expect(store.put('kept', bytesOf('new'), { expected })).rejects.toMatchObject({ code: 'InvalidInput' });
  }
  await expect(store.put('kept', bytesOf('new'), { signal: AbortSignal.abort() })).rejects.toThrow();
  await expect(store.compose('kept', ['kept', 'absent'])).rejects.toMatchObject({ code: 'NotFound' });
  expect((await buffer(await store.read('kept'))).toString()).toBe('old');
  expect(await readdir(join(root, 'temporary'))).toEqual([]);
});

test('a start removes the temporary files of a killed process, not those being written', async () => {
  await opened();
  await writeFile(join(root, 'temporary', 'dead'), 'x');
  await utimes(join(root, 'temporary', 'dead'), 100, 100);
  await writeFile(join(root, 'temporary', 'live'), 'x');
  await opened(200_000);
  expect(await readdir(join(root, 'temporary'))).toEqual(['live']);
});

test('a process killed while it writes leaves no object, and its temporary file goes at the next start', async () => {
  const module = new URL('./directory-store.ts', import.meta.url).href;
  const script = `
    const { openDirectoryStore } = await import(${JSON.stringify(module)});
    const store = await openDirectoryStore(${JSON.stringify(root)}, { sweepBeforeMs: 0 });
    await store.put('a', (async function* () {
      yield Buffer.from('half');
      process.stdout.write('written');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    })());`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(await readdir(join(root, 'temporary'))).toHaveLength(1);
  const store = await opened(Number.POSITIVE_INFINITY);
  expect(await store.list('')).toEqual([]);
  expect(await readdir(join(root, 'temporary'))).toEqual([]);
});

test('a key cannot leave the store', async () => {
  const store = await opened();
  for (const key of ['', '.', '..', '../x', '/x', 'a//b', 'a/', 'a/../b', 'a\0b', 'a\n', '.a']) {
    await expect(store.put(key, bytesOf('x'))).rejects.toMatchObject({ code: 'InvalidInput' });
  }
});

test('any pieces in any order: bytes, size and digest are those of the concatenation', async () => {
  const store = await opened();
  const piece = fc.uint8Array({ maxLength: 5000 });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), fc.array(fc.nat(5), { maxLength: 10 }), async (all, picks) => {
      for (const [n, bytes] of all.entries()) await store.put(`piece/${n}`, bytesOf(bytes));
      const order = picks.filter((n) => n < all.length);
      const whole = Buffer.concat(order.map((n) => all[n] ?? Buffer.alloc(0)));
      const expected = { sizeBytes: whole.length, sha256: sha256(whole) };
      expect(
        await store.compose(
          'whole',
          order.map((n) => `piece/${n}`),
          { expected },
        ),
      ).toEqual(expected);
      expect((await buffer(await store.read('whole'))).equals(whole)).toBe(true);
    }),
    { numRuns: 30 },
  );
});
