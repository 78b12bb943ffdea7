import type { Entry } from './entry.ts';
import { isRootName, quoteName, safePath, symlinkRefusal } from './safe-path.ts';
import type { TarItem } from './tar-scan.ts';

export type Judged =
  | { readonly entry: Entry; readonly renamedFrom?: string }
  /** Not for the archive; `quiet` when nothing is lost by it. */
  | { readonly refused: string; readonly quiet?: boolean };

const types: Readonly<Record<string, Entry['type']>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'directory',
  symlink: 'symlink',
  link: 'hardlink',
};

/** Turns what a tar says into an entry below `folder` ('' for none), or says why it cannot be one. */
export function judgeTarItem(item: TarItem, folder: string): Judged {
  const type = types[item.type];
  if (type === undefined) return { refused: `of type ${item.type}` };
  if (item.sparse) return { refused: 'stored with holes' };
  const { mode, mtimeMs } = item;
  if (type === 'directory' && isRootName(text(item.name))) {
    if (folder === '') return { refused: 'the folder itself', quiet: true };
    return { entry: { path: folder, type, sizeBytes: 0, mode, mtimeMs } };
  }
  const safe = safePath(item.name);
  if ('refused' in safe) return safe;
  const path = joined(folder, safe.path);
  if (path === undefined) return { refused: 'path too long' };
  const link = linkOf(item, type, path, folder);
  if ('refused' in link) return link;
  const sizeBytes = type === 'file' ? item.sizeBytes : 0;
  const entry = { path, type, sizeBytes, mode, mtimeMs, ...link };
  return safe.renamedFrom === undefined ? { entry } : { entry, renamedFrom: safe.renamedFrom };
}

/** `folder/path`, or undefined when that is too long a path. */
export function joined(folder: string, path: string): string | undefined {
  const whole = folder === '' ? path : `${folder}/${path}`;
  return 'path' in safePath(whole) ? whole : undefined;
}

type Linked = { readonly linkTarget?: string } | { readonly refused: string };

function linkOf(item: TarItem, type: Entry['type'], path: string, folder: string): Linked {
  if (type === 'symlink') {
    const linkTarget = text(item.linkTarget);
    const refused = symlinkRefusal(path, linkTarget, folder);
    return refused === undefined ? { linkTarget } : { refused: `symlink to ${quoteName(linkTarget)}: ${refused}` };
  }
  if (type === 'hardlink') {
    const target = safePath(item.linkTarget);
    if ('refused' in target) return { refused: `hard link to ${quoteName(item.linkTarget)}: ${target.refused}` };
    return { linkTarget: joined(folder, target.path) ?? '' };
  }
  return {};
}

function text(name: string | Uint8Array): string {
  return typeof name === 'string' ? name : Buffer.from(name).toString();
}
