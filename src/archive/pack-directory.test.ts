import { chmodSync, linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packDirectory } from './pack-directory.ts';
import { make, run, scratchFolder } from './test-support.ts';
import { verifyArchive } from './verify.ts';

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
