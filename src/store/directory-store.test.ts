import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDirectoryStore } from './directory-store.ts';

// What holds for every store is in test/contract/store-contract.ts; here is what only a directory can show.
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-store-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const opened = (sweepBeforeMs = 0) => openDirectoryStore(root, { sweepBeforeMs });

test('a start removes the temporary files of a killed process, not those being written', async () => {
  await opened();
  await writeFile(join(root, 'temporary', 'dead'), 'x');
  await utimes(join(root, 'temporary', 'dead'), 100, 100);
  await writeFile(join(root, 'temporary', 'live'), 'x');
  await opened(200_000);
  expect(await readdir(join(root, 'temporary'))).toEqual(['live']);
});

test('a start removes the temporary files of a killed process of the same owner at once', async () => {
  await openDirectoryStore(root, { sweepBeforeMs: 0, owner: 'muster-0' });
  const never = async function* () {
    yield Buffer.from('x');
    await new Promise(() => undefined);
  };
  const temporary = async () => (await readdir(join(root, 'temporary'))).map((name) => name.replace(/\..*/, '')).sort();
  for (const owner of ['muster-0', 'muster-1']) {
    const store = await openDirectoryStore(root, { sweepBeforeMs: 0, owner });
    void store.put('a', never());
  }
  await expect.poll(temporary).toEqual(['muster-0', 'muster-1']);
  await openDirectoryStore(root, { sweepBeforeMs: 0, owner: 'muster-0' });
  expect(await temporary()).toEqual(['muster-1']);
});

test('a sweep removes the temporary files that nobody writes to any more', async () => {
  const store = await opened();
  await writeFile(join(root, 'temporary', 'dead'), 'x');
  await utimes(join(root, 'temporary', 'dead'), 100, 100);
  await writeFile(join(root, 'temporary', 'live'), 'x');
  await store.sweepUnfinished(200_000);
  expect(await readdir(join(root, 'temporary'))).toEqual(['live']);
});

test('a folder is no object, and an object no folder', async () => {
  const store = await opened();
  await store.put('a/b', Readable.from([Buffer.from('x')]));
  await expect(store.read('a')).rejects.toMatchObject({ code: 'NotFound' });
  await expect(store.read('a/b/c')).rejects.toMatchObject({ code: 'NotFound' });
  await expect(store.put('a', Readable.from([Buffer.from('x')]))).rejects.toMatchObject({ code: 'DestinationFailed' });
  expect(await readdir(join(root, 'temporary'))).toEqual([]);
});

test('a place that cannot be a store is refused by its name', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(openDirectoryStore(join(root, 'file'), { sweepBeforeMs: 0 })).rejects.toMatchObject({
    code: 'DestinationFailed',
    message: expect.stringContaining(join(root, 'file')),
  });
});

test('what would need the reserve is refused and leaves nothing', async () => {
  const store = await openDirectoryStore(root, { sweepBeforeMs: 0, reserveBytes: Number.MAX_SAFE_INTEGER });
  const refused = { code: 'DestinationFailed', message: expect.stringContaining(`no room in the store ${root}`) };
  await expect(store.put('a', Readable.from([Buffer.from('x')]))).rejects.toMatchObject(refused);
  await expect(store.compose('a', [{ bytes: Buffer.from('x') }])).rejects.toMatchObject(refused);
  expect(await store.list('')).toEqual([]);
  expect(await readdir(join(root, 'temporary'))).toEqual([]);
});

const canMount = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;

test.skipIf(!canMount)('(tmpfs, needs root) on a disk that fills up, others are stored and read on', () => {
  const module = new URL('./directory-store.ts', import.meta.url).href;
  const script = `
    const { openDirectoryStore } = await import(${JSON.stringify(module)});
    const { readdirSync } = await import('node:fs');
    const { buffer } = await import('node:stream/consumers');
    const store = await openDirectoryStore(${JSON.stringify(root)}, { sweepBeforeMs: 0 });
    const chunk = Buffer.alloc(64 * 1024, 7);
    const bytes = async function* (chunks) { for (let n = 0; n < chunks; n++) yield chunk; };
    const codes = [];
    // Sizes all over, so that the disk is full at any point of a put or a compose.
    for (let n = 0; n < 200; n++) {
      const chunks = (n * 37) % 100;
      const laid = n % 2 ? store.put('o/' + n, bytes(chunks)) : store.compose('o/' + n, Array(chunks).fill({ bytes: chunk }));
      codes.push(await laid.then(() => 'stored', (error) => error.code));
      if (codes.at(-1) === 'stored' && n % 7 === 3) await store.remove('o/' + n);
    }
    const listed = await store.list('');
    for (const { key, sizeBytes } of listed) {
      const [, n] = key.split('/');
      const whole = Buffer.alloc(chunk.length * ((n * 37) % 100), 7);
      if (sizeBytes !== whole.length || !whole.equals(await buffer(await store.read(key)))) throw new Error(key);
    }
    const temporary = readdirSync(${JSON.stringify(join(root, 'temporary'))});
    console.log(JSON.stringify({ codes: [...new Set(codes)].sort(), listed: listed.length, temporary }));`;
  const mounted = `mount -t tmpfs -o size=20m tmpfs '${root}' && exec "$@"`;
  const node = [process.execPath, '--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', mounted, 'sh', ...node], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const { listed, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual({ codes: ['DestinationFailed', 'stored'], temporary: [] });
  expect(listed).toBeGreaterThan(5);
});
