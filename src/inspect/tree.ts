import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

type Chunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** The folder that is written. Paths are `/`-separated and made by `treePath`, so that nothing lands outside. */
export type Tree = {
  /** True the first time a path (or a thing without one) is named: whoever gets it does it, so that nothing is done twice. */
  claim(path: string): boolean;
  /** Writes one file as its content comes. When that fails before its first byte, there is no file. */
  write(path: string, content: Chunks): Promise<void>;
  written(): { readonly files: number; readonly sizeBytes: number };
};

/** NAME_MAX of Linux, in bytes. */
const longestNameBytes = 255;

export function openTree(destDir: string): Tree {
  const claimed = new Set<string>();
  const folders = new Map<string, Promise<unknown>>();
  let files = 0;
  let sizeBytes = 0;

  const create = async (path: string): Promise<FileHandle> => {
    const file = join(destDir, ...path.split('/'));
    const folder = dirname(file);
    const made = folders.get(folder) ?? mkdir(folder, { recursive: true });
    folders.set(folder, made);
    await made;
    // oc makes every file executable (0755); nobody relies on it, and data is no program.
    const handle = await open(file, 'w', 0o644);
    files++;
    return handle;
  };
  return {
    claim: (path) => {
      const isNew = !claimed.has(path);
      claimed.add(path);
      return isNew;
    },
    write: async (path, content) => {
      let handle: FileHandle | undefined;
      try {
        for await (const chunk of content) {
          handle ??= await create(path);
          const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
          await handle.writeFile(bytes);
          sizeBytes += bytes.length;
        }
        handle ??= await create(path);
      } finally {
        await handle?.close();
      }
    },
    written: () => ({ files, sizeBytes }),
  };
}

/**
 * A path of names out of the cluster. Names may hold `:` and other marks as RBAC's do, and stay as they are, as in oc.
 * Throws for a name that would lead out of its folder. Kubernetes lets names be 253 long, which `.yaml` takes over
 * the 255 that file systems allow: such a name is cut, and told apart by a digest.
 */
export function treePath(...names: readonly string[]): string {
  return names.map(fileName).join('/');
}

function fileName(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new Error(`${JSON.stringify(name)} cannot be the name of a file`);
  }
  if (Buffer.byteLength(name) <= longestNameBytes) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const ending = /\.[a-z]{1,8}$/.exec(name)?.[0] ?? '';
  return `${Buffer.from(name)
    .subarray(0, 230)
    .toString()
    .replace(/\ufffd+$/, '')}-${digest}${ending}`;
}
