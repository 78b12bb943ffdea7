import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createPartWriter } from './part-writer.ts';
import { sealArchive } from './seal.ts';
import { fileEntry, run, scratchFolder, treeOf } from './test-support.ts';

const quiet = () => undefined;

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
