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
