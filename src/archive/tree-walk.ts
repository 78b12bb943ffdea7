import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readlinkSync,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../report/errors.ts';
import type { Say } from './entry.ts';
import { quoteName, safePath, symlinkRefusal } from './safe-path.ts';
import { joined } from './tar-entry.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
/** Others of this process get their turn at least so often. */
const LONGEST_TURN_MS = 10;

type Common = {
  /** In the archive. */
  readonly path: string;
  readonly facts: BigIntStats;
};

/** Something in a tree that an archive can hold. A file's `location` reaches it only while it is visited. */
export type Found =
  | (Common & { readonly type: 'directory' })
  | (Common & { readonly type: 'symlink'; readonly linkTarget: string })
  | (Common & { readonly type: 'file'; readonly location: Buffer });

export type TreeWalk = {
  /** Folder of the archive that the tree's paths begin with, clean; '' for none, and then no visit of the root itself. */
  readonly prefix: string;
  /** A folder comes before what is in it. Answers with the reason when the thing has to be left out. */
  visit(found: Found): Promise<string | undefined>;
  /** Told of what cannot be packed: its path, or its name where it can have none in an archive. */
  leftOut(name: string, reason: string): void;
  readonly say: Say;
  readonly signal?: AbortSignal | undefined;
};

type Walk = TreeWalk & { takeTurns(): Promise<void> };

/** A folder that is being walked: `at` reaches its children whatever happens to the path above it. */
type Folder = { readonly at: Buffer; readonly path: string };

/**
 * Visits a folder and all below it, as it is on disk. Each folder is held open and its children are reached through the
 * descriptor (/proc/self/fd), so that no swapped link leads out of the tree and a path may be longer than the kernel
 * takes. Calls that only look are made without the thread pool: 4 µs for one lstat instead of 46, 1.5 s for 200,000
 * small files instead of 36 (measured); the pool is busy compressing.
 */
export async function walkTree(root: string, options: TreeWalk): Promise<void> {
  let turnEndsMs = performance.now() + LONGEST_TURN_MS;
  const takeTurns = async () => {
    options.signal?.throwIfAborted();
    if (performance.now() < turnEndsMs) return;
    await setImmediate();
    turnEndsMs = performance.now() + LONGEST_TURN_MS;
  };
  await walkFolder({ ...options, takeTurns }, Buffer.from(root), options.prefix, O_RDONLY | O_DIRECTORY);
}

/** Opens a found file for reading, with its facts as they are now; not through a link that took its place meanwhile. */
export function openFound(location: Buffer): { readonly fd: number; readonly facts: BigIntStats } {
  // O_NONBLOCK: should a pipe have taken the file's place meanwhile, opening it must not wait for a writer.
  const fd = openSync(location, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    return { fd, facts: fstatSync(fd, { bigint: true }) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

async function walkFolder(walk: Walk, location: Buffer, path: string, flags: number): Promise<string | undefined> {
  const fd = openSync(location, flags);
  try {
    if (path !== '') {
      const reason = await walk.visit({ path, type: 'directory', facts: fstatSync(fd, { bigint: true }) });
      if (reason !== undefined) return reason;
    }
    const at = process.platform === 'linux' ? Buffer.from(`/proc/self/fd/${fd}`) : location;
    const folder = opendirSync(at, { encoding: 'buffer', bufferSize: 256 } as never);
    try {
      for (let child = folder.readSync(); child !== null; child = folder.readSync()) {
        await walk.takeTurns();
        await walkChild(walk, { at, path }, child.name as unknown as Buffer);
      }
    } finally {
      folder.closeSync();
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}

async function walkChild(walk: Walk, folder: Folder, name: Buffer): Promise<void> {
  const leaveOut = (reason: string) => walk.leftOut(`${folder.path}/${quoteless(name)}`, reason);
  const safe = safePath(name);
  if ('refused' in safe) return leaveOut(safe.refused);
  const path = joined(folder.path, safe.path);
  if (path === undefined) return leaveOut('path too long');
  if (safe.renamedFrom) walk.say(`${safe.renamedFrom} is no UTF-8: packed as ${quoteName(path)}`);
  try {
    const reason = await visitChild(walk, Buffer.concat([folder.at, Buffer.from('/'), name]), path);
    if (reason !== undefined) leaveOut(reason);
  } catch (error) {
    // Trouble with this file is a line; trouble with the part or an abort ends the walk.
    if (!isFileTrouble(error)) throw error;
    leaveOut(messageOf(error).replace(/ '.*$/, ''));
  }
}

const troubleCalls = new Set(['open', 'lstat', 'readlink', 'opendir', 'scandir', 'fstat', 'stat', 'read']);

function isFileTrouble(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && troubleCalls.has(String(error.syscall));
}

function quoteless(name: Buffer): string {
  return JSON.parse(quoteName(name)) as string;
}

/** Visits one child, or says why not. */
async function visitChild(walk: Walk, location: Buffer, path: string): Promise<string | undefined> {
  const facts = lstatSync(location, { bigint: true });
  if (facts.isDirectory()) return walkFolder(walk, location, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (facts.isSymbolicLink()) {
    const linkTarget = readlinkSync(location, { encoding: 'buffer' }).toString();
    const refused = symlinkRefusal(path, linkTarget, walk.prefix);
    if (refused !== undefined) return `symlink to ${quoteName(linkTarget)}: ${refused}`;
    return walk.visit({ path, type: 'symlink', facts, linkTarget });
  }
  if (facts.isFIFO()) return 'a named pipe';
  if (facts.isSocket()) return 'a socket';
  if (!facts.isFile()) return 'a device';
  return walk.visit({ path, type: 'file', facts, location });
}
