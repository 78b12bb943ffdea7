import type { ChildProcess } from 'node:child_process';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'bin', 'muster.js');
const execFileAsync = promisify(execFile);

/** The gather images of `test/images`, as the cluster knows them. */
export function image(name: string): string {
  return `${process.env.MUSTER_TEST_IMAGES ?? 'localhost/muster-test'}/${name}:1`;
}

/**
 * Packs the gather images and loads them into the nodes. With a cluster of one's own they have to be there already, and
 * MUSTER_TEST_IMAGES says where.
 */
export function loadImages(names: readonly string[]): void {
  if (process.env.MUSTER_TEST_IMAGES !== undefined) return;
  const tool = join(root, '..', 'shared', 'cluster', 'image');
  if (!existsSync(tool)) {
    throw new Error(
      'no tool to load images with: build those of test/images, and set MUSTER_TEST_IMAGES to their prefix',
    );
  }
  execFileSync(tool, ['--tools'], { stdio: 'pipe' });
  for (const name of names) {
    execFileSync(tool, [join(root, 'test', 'images', name), image(name), '--base', 'localhost/tools:1'], {
      stdio: 'pipe',
    });
  }
}

export type Ran = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

export type Running = { readonly child: ChildProcess; readonly ended: Promise<Ran> };

/** Starts the real command, as a person would, in `cwd`; `node` is whatever Node the person has. */
export function start(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
  node: string = process.execPath,
): Running {
  const child = spawn(node, [bin, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  return { child, ended };
}

export function muster(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Ran> {
  return start(args, cwd, env).ended;
}

export async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await execFileAsync('kubectl', args, { maxBuffer: 64 * 2 ** 20 });
  return stdout;
}

/** What Muster made in the cluster and has not removed; what is ending does not count. */
export async function leftovers(): Promise<string[]> {
  const listed = await kubectl('get', 'namespaces,clusterrolebindings', '-l', 'muster.dev/report', '-o', 'json');
  const { items } = JSON.parse(listed) as {
    items: { kind: string; metadata: { name: string; deletionTimestamp?: string } }[];
  };
  const ending = new Set(
    items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(({ metadata }) => metadata.name),
  );
  return items
    .filter(({ metadata }) => !ending.has(metadata.name))
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}

/** Polls until nothing is left, also nothing that is still ending. */
export async function nothingLeft(deadlineMs = 90_000): Promise<boolean> {
  const until = Date.now() + deadlineMs;
  while (Date.now() < until) {
    const names = await kubectl('get', 'namespaces,clusterrolebindings', '-l', 'muster.dev/report', '-o', 'name');
    if (names.trim() === '') return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

export async function scratch(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-cluster-test-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The one archive in a folder. */
export async function archiveIn(folder: string): Promise<string> {
  const found = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz'));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`expected one archive, found: ${found.join(', ') || 'none'}`);
  return join(folder, only);
}

/** Unpacks with GNU tar, as support does, and answers with the top folder. */
export async function untar(archive: string, into: string): Promise<string> {
  await execFileAsync('tar', ['-xzf', archive, '-C', into]);
  const [top = ''] = (await readdir(into)).filter(
    (name) => name.startsWith('must-gather.local.') && !name.endsWith('.gz'),
  );
  return join(into, top);
}
