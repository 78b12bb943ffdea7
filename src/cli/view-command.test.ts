import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packDirectory } from '../archive/pack-directory.ts';
import { createPartWriter } from '../archive/part-writer.ts';
import { sealArchive } from '../archive/seal.ts';

const run = promisify(execFile);
const bin = join(import.meta.dirname, '..', '..', 'bin', 'muster.js');
const TOP = 'must-gather.local.x7k2p';
const LONG_LOG = 'a line of a log\n'.repeat(200_000);
let folder = '';
let archive = '';
let foreign = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-view-'));
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'namespaces/shop'), { recursive: true });
  writeFileSync(join(tree, 'version'), 'muster-test\n1.2.3\n');
  writeFileSync(join(tree, 'namespaces/shop/pods.yaml'), 'kind: PodList\n');
  writeFileSync(join(tree, 'namespaces/shop/long.log'), LONG_LOG);
  writeFileSync(join(tree, 'evil\u001b[2J\nname'), '');
  symlinkSync('version', join(tree, 'link'));
  for (let place = 0; place < 3000; place += 1) writeFileSync(join(tree, `${'many-'.repeat(20)}${place}`), '');
  const say = () => undefined;
  const writer = await createPartWriter({ directory: join(folder, 'part'), say });
  await packDirectory(tree, writer, { prefix: `${TOP}/quay-io-a`, say });
  const part = await writer.finish();
  archive = join(folder, 'report.tar.gz');
  const generated = [{ path: `${TOP}/timestamp`, content: 'now\n' }];
  await sealArchive({ parts: [part], generated, destination: archive, mtimeMs: Date.now() });
  await writer.close();
  // The same, as somebody without Muster packs it.
  foreign = join(folder, 'foreign.tar.gz');
  await run('tar', ['-czf', foreign, '--transform', `s,^tree,${TOP}/quay-io-a,`, '-C', folder, 'tree']);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `muster view`, as its own process. */
async function view(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  try {
    return { exitCode: 0, ...(await run(process.execPath, [bin, 'view', ...args], { maxBuffer: 2 ** 26 })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, stdout, stderr };
  }
}

describe.each([
  ['of Muster', () => archive],
  ['made by others', () => foreign],
])('an archive %s', (_, file) => {
  test('is listed, with sizes and times; names cannot command the terminal', async () => {
    const { exitCode, stdout } = await view(file());
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(3000);
    expect(lines).toContainEqual(
      expect.stringMatching(/^ +18 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}\S+\/quay-io-a\/version$/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/quay-io-a\/link -> version$/));
    expect(stdout).toContain('evil\\u001b[2J\\nname');
    expect(stdout).not.toContain('\u001b');
  });

  test('a file by its path, with and without the top folder', async () => {
    expect(await view(file(), `${TOP}/quay-io-a/version`)).toMatchObject({
      exitCode: 0,
      stdout: 'muster-test\n1.2.3\n',
    });
    expect(await view(file(), 'quay-io-a/version')).toMatchObject({ exitCode: 0, stdout: 'muster-test\n1.2.3\n' });
  });

  test('a file that is larger than a pipe', async () => {
    const { stdout } = await view(file(), 'quay-io-a/namespaces/shop/long.log');
    expect(stdout === LONG_LOG).toBe(true);
  });

  test('a folder, with and without a slash: what is in it', async () => {
    for (const path of ['quay-io-a/namespaces', `${TOP}/quay-io-a/namespaces/`]) {
      const { exitCode, stdout } = await view(file(), path);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('namespaces/shop/pods.yaml');
      expect(stdout).not.toContain('version');
    }
  });

  test('what is not there: one line, exit 2', async () => {
    const { exitCode, stdout, stderr } = await view(file(), 'quay-io-a/none');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^muster: .*"quay-io-a\/none".*\n$/);
  });

  test('what is no file cannot be printed: one line', async () => {
    const { exitCode, stdout, stderr } = await view(file(), 'quay-io-a/link');
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test.each([[[]], [['quay-io-a/namespaces/shop/long.log']]])(
    'a reader that has enough ends it quietly: %j',
    async (args) => {
      const child = spawn(process.execPath, [bin, 'view', file(), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      let stderr = '';
      child.stderr.on('data', (chunk) => {
        stderr += String(chunk);
      });
      await once(child.stdout, 'readable');
      child.stdout.read(1);
      child.stdout.destroy();
      const [exitCode] = await once(child, 'exit');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    },
  );
});
