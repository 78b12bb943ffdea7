import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryStore } from '../../src/store/directory-store.ts';
import { storeContract } from './store-contract.ts';

const module = new URL('../../src/store/directory-store.ts', import.meta.url).href;

storeContract('a directory', async () => {
  const root = await mkdtemp(join(tmpdir(), 'muster-store-'));
  return {
    open: (sweepBeforeMs = 0) => openDirectoryStore(root, { sweepBeforeMs }),
    opening: `(await import(${JSON.stringify(module)})).openDirectoryStore(${JSON.stringify(root)}, { sweepBeforeMs: 0 })`,
    leftovers: () => readdir(join(root, 'temporary')),
    largeBytes: 100_000,
    end: () => rm(root, { recursive: true, force: true }),
  };
});
