import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Isolation } from './container.ts';
import type { Image } from './images.ts';
import { canIsolate, findTool, isolateByNamespaces } from './namespaces.ts';
import { isolateByRewriting } from './rewriting.ts';

const emptyImage: Image = {
  names: [],
  digest: '',
  root: '/nonexistent',
  files: [],
  entrypoint: [],
  cmd: [],
  env: {},
  workingDir: '/',
};

/**
 * How containers get their view of the file system on this machine; `wanted` insists on one way. Throws where there is
 * no bash, and where `wanted` cannot be had.
 */
export async function chooseIsolation(
  folder: string,
  visible: readonly string[],
  wanted?: Isolation['kind'],
): Promise<Isolation> {
  if (process.platform === 'win32') {
    throw new Error('the sandbox runs its containers on Linux and macOS only; on Windows use it inside WSL');
  }
  const bash = findTool('bash');
  if (bash === undefined) throw new Error('the sandbox needs bash to run containers, and this machine has none');
  if (wanted !== 'rewriting') {
    const isolation = await tryNamespaces(folder, visible, bash);
    if (isolation !== undefined) return isolation;
    if (wanted === 'namespaces') throw new Error('this machine allows no user and mount namespaces here');
  }
  return isolateByRewriting(bash);
}

async function tryNamespaces(folder: string, visible: readonly string[], bash: string): Promise<Isolation | undefined> {
  const [unshare, nsenter] = [findTool('unshare'), findTool('nsenter')];
  if (process.platform !== 'linux' || unshare === undefined || nsenter === undefined) return undefined;
  const [root, scratch, volume] = [join(folder, 'root'), join(folder, 'try'), join(folder, 'try', 'volume')];
  await mkdir(root, { recursive: true });
  await mkdir(volume, { recursive: true });
  const isolation = isolateByNamespaces({ bash, unshare, nsenter }, root, visible);
  const mounts = [{ path: '/sandbox-try', real: volume, readOnly: true }];
  const trial = { image: emptyImage, env: { PATH: '/usr/bin:/bin' }, mounts, workingDir: '/', scratch };
  return (await canIsolate(isolation, trial)) ? isolation : undefined;
}

/** Whether containers can have namespaces here. */
export async function hasNamespaces(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-sandbox-try-'));
  try {
    return (await chooseIsolation(folder, [])).kind === 'namespaces';
  } finally {
    await rm(folder, { recursive: true });
  }
}
