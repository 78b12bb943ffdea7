import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
let folder = '';
let bundle = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-bundle-'));
  bundle = join(folder, 'muster.mjs');
  await run(process.execPath, [join(import.meta.dirname, 'bundle.ts'), bundle]);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

test('the bundle runs alone in its folder: version, help, refusals', async () => {
  const { stdout } = await run(process.execPath, [bundle, '--version'], { cwd: folder });
  expect(stdout).toMatch(/^muster \d+\.\d+\.\d+\n$/);
  const help = await run(process.execPath, [bundle, 'gather', '--help'], { cwd: folder });
  expect(help.stdout).toContain('--image-stream');
  await expect(run(process.execPath, [bundle, 'gather', '--timeout', 'x'], { cwd: folder })).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--timeout'),
  });
});

test('a packer takes in nothing that needs the Kubernetes client', async () => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.mjs'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const importsOf = (name: string) =>
    [...(texts[files.indexOf(name)] ?? '').matchAll(/from\s*[`"']\.\/([^`"']+)|import\s*[`"']\.\/([^`"']+)/g)].map(
      ([, from, bare]) => from ?? bare ?? '',
    );
  const taken = new Set(['muster.mjs', 'muster-pack-command.mjs']);
  for (const name of taken) for (const other of importsOf(name)) taken.add(other);
  const sizes = [...taken].map((name) => (texts[files.indexOf(name)] ?? '').length);
  expect([...taken]).not.toContain('muster-main.mjs');
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(600_000);
  expect(texts.join('').length).toBeGreaterThan(1_000_000);
});

test('where there are no sources, the sandbox says that it is not there', async () => {
  const refused = run(process.execPath, [bundle, 'sandbox'], { cwd: folder });
  await expect(refused).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('the sandbox cannot start') });
});
