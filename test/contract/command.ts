import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'bin', 'muster.js');
const execFileAsync = promisify(execFile);

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

export async function scratch(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-test-'));
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
