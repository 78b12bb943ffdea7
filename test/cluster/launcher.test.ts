import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isProcessGone } from '../../src/gather/process-mark.ts';
import { archiveIn, type Running, root, scratch, start } from '../contract/command.ts';
import { image, kubectl, loadImages } from './muster.ts';

const run = promisify(execFile);
let folder = '';
let removeFolder: () => Promise<void>;

beforeAll(() => loadImages(['good', 'slow']));
beforeEach(async () => {
  const made = await scratch();
  folder = made.folder;
  removeFolder = made.remove;
});
afterEach(() => removeFolder());

/** A Node of the machine's own that cannot run Muster itself. */
function oldNode(): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((path) => !path.includes('node_modules'))
    .map((path) => join(path, 'node'))
    .filter((path) => existsSync(path))
    .find((path) => Number(/^v(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1]) < 24);
}

const old = oldNode();
// Of util-linux: it gives a command a terminal.
const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

describe.skipIf(old === undefined)('started by an older Node, which finds the right one', () => {
  const startOld = (...args: string[]) => start(args, folder, {}, old);

  /** Waits for the gather, and answers with its namespace. */
  async function untilRunning({ child }: Running): Promise<string> {
    let said = '';
    child.stdout?.on('data', (chunk) => {
      said += String(chunk);
    });
    await expect.poll(() => said, { timeout: 60_000 }).toContain('[slow] Running');
    return /namespace (\S+) created/.exec(said)?.[1] ?? '';
  }

  async function isGone(namespace: string): Promise<void> {
    expect(namespace).toMatch(/^openshift-must-gather-/);
    const seen = () => kubectl('get', 'namespace', namespace, '--ignore-not-found', '-o', 'name');
    await expect.poll(seen, { timeout: 90_000, interval: 500 }).toBe('');
  }

  test.each<[number, string[]]>([
    [0, ['--version']],
    [2, ['gather', '--image', 'UPPER']],
    [1, ['gather', '--context', 'elsewhere']],
  ])('passes on exit code %i', async (expected, args) => {
    expect((await startOld(...args).ended).exitCode).toBe(expected);
  });

  test('an interrupt of the launcher is one of the gather', async () => {
    const running = startOld('gather', '--image', image('slow'));
    const namespace = await untilRunning(running);
    running.child.kill('SIGINT');
    expect((await running.ended).exitCode).toBe(130);
    await isGone(namespace);
  });

  test.skipIf(!hasScript).each<[string, (terminal: ChildProcess) => void]>([
    ['Ctrl-C, which reaches both processes', ({ stdin }) => stdin?.write('\u0003')],
    [
      'a signal to the launcher alone',
      ({ pid }) => {
        const [launcher] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
        process.kill(Number(launcher), 'SIGINT');
      },
    ],
  ])('on a terminal: %s is one interrupt', async (_, interrupt) => {
    const command = `exec ${old} ${join(root, 'bin', 'muster.js')} gather --image ${image('slow')}`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, stdio: 'pipe' });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += String(chunk);
    });
    const ended = once(child, 'close');
    await expect.poll(() => said, { timeout: 60_000 }).toContain('gathering…');
    interrupt(child);
    expect(await ended, said).toEqual([130, null]);
    expect(said).toContain('Stopping, and cleaning up');
    const namespaces = await kubectl('get', 'namespaces', '-l', 'muster.dev/report', '-o', 'json');
    const left = JSON.parse(namespaces).items.filter(
      ({ metadata }: { metadata: { annotations: Record<string, string>; deletionTimestamp?: string } }) =>
        isProcessGone(metadata.annotations['muster.dev/process'] ?? '') && metadata.deletionTimestamp === undefined,
    );
    expect(left).toEqual([]);
  });

  test.skipIf(process.platform !== 'linux')('kill -9 of the launcher: the gather ends too, and cleans up', async () => {
    const running = startOld('gather', '--image', image('slow'));
    const namespace = await untilRunning(running);
    const { pid = 0 } = running.child;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    expect(children).toHaveLength(1);
    running.child.kill('SIGKILL');
    await running.ended; // the gather holds the same pipes: they close with it
    await expect.poll(() => existsSync(`/proc/${children[0]}`), { timeout: 10_000 }).toBe(false);
    await isGone(namespace);
  });
});

test('kubectl finds it as its plugin', async () => {
  symlinkSync(join(root, 'bin', 'kubectl-muster.js'), join(folder, 'kubectl-muster'));
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  const { stdout } = await run('kubectl', ['muster', 'gather', '--help'], { env });
  expect(stdout).toContain('Usage: kubectl muster gather');
  expect(stdout).toContain('--image-stream');
});

test('npm run, from anywhere: the archive is where the person stands', async () => {
  const before = await readdir(root);
  const args = ['--prefix', root, 'run', '-s', 'muster', '--', 'gather', '--image', image('good')];
  await run('npm', args, { cwd: folder });
  expect(await archiveIn(folder)).toMatch(/\.tar\.gz$/);
  expect(await readdir(root)).toEqual(before);
});
