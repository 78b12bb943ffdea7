import type { Readable } from 'node:stream';
import { MusterError, messageOf } from '../report/errors.ts';
import type { Entry, Say } from './entry.ts';
import type { PartWriter } from './part-writer.ts';
import { quoteName, safePath, symlinkRefusal } from './safe-path.ts';
import { type Judged, judgeTarItem } from './tar-entry.ts';
import { scanTar, type TarItem } from './tar-scan.ts';

export type PackOptions = {
  /** Folder of the archive that everything goes to, clean; '' for none. */
  readonly prefix: string;
  readonly say: Say;
  /** Called for each entry that is packed whole or left out for good, with its path below `prefix`. */
  readonly onDone?: ((path: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type TarPackOptions = PackOptions & {
  /** A folder at the top of the tar whose content is packed without it. */
  readonly strip?: string | undefined;
};

export type Packed = {
  /** Entries packed, folders and links included. */
  readonly entries: number;
  readonly leftOut: number;
  /** Bytes of content packed. */
  readonly contentBytes: number;
};

/**
 * Packs what a tar stream (not compressed) holds. What cannot be packed is left out with a line; of entries with one
 * path the last counts. A stream that breaks rejects with `ArchiveBroken`: what came before stays packed, and the
 * file in which it broke is filled up with zeros.
 */
export async function packTar(stream: Readable, writer: PartWriter, options: TarPackOptions): Promise<Packed> {
  const { strip = '', onDone, signal } = options;
  const packed = { entries: 0, leftOut: 0, contentBytes: 0 };
  const items = scanTar(stream, signal);
  for (;;) {
    // Only the reading may fail with ArchiveBroken; a writer that cannot write says so itself.
    const next = await items.next().catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new MusterError('ArchiveBroken', `the tar stream broke: ${messageOf(error)}`, { cause: error });
    });
    if (next.done) return packed;
    const item = strip === '' ? next.value : withoutTop(next.value, strip);
    try {
      const entry = await packItem(item, writer, options);
      if (entry) packed.entries += 1;
      else packed.leftOut += 1;
      packed.contentBytes += entry?.sizeBytes ?? 0;
      if (!item.isCut()) onDone?.(pathBelow(item));
    } catch (error) {
      await items.return(undefined);
      throw error;
    }
  }
}

async function packItem(item: TarItem, writer: PartWriter, options: PackOptions): Promise<Entry | undefined> {
  const { prefix, say } = options;
  const judged = followedLink(judgeTarItem(item, prefix), writer, prefix);
  if ('refused' in judged) {
    if (!judged.quiet) say(`left out ${quoteName(item.name)}: ${judged.refused}`);
    return undefined;
  }
  const { entry, renamedFrom } = judged;
  if (renamedFrom) say(`${renamedFrom} is no UTF-8: packed as ${quoteName(entry.path)}`);
  const content = entry.type === 'file' && entry.sizeBytes > 0 ? item.content : undefined;
  return (await writer.add(entry, content)) ? entry : undefined;
}

/** The item as it is called from within a folder at the top. A hard link's target is a name of the tar, too. */
function withoutTop(item: TarItem, top: string): TarItem {
  const below = (name: string | Uint8Array) => {
    // As bytes: a name need not be UTF-8.
    const bytes = Buffer.from(name as string).toString('latin1');
    const segments = bytes.replace(/^(\.\/+)+/, '').split('/');
    if (segments.shift() !== Buffer.from(top).toString('latin1')) return name;
    return Buffer.from(`./${segments.join('/').replace(/^\/+/, '')}`, 'latin1');
  };
  const linkTarget = item.type === 'link' ? below(item.linkTarget) : item.linkTarget;
  return { ...item, name: below(item.name), linkTarget };
}

/** A hard link to a symlink is the same symlink once more. */
function followedLink(judged: Judged, writer: PartWriter, prefix: string): Judged {
  if ('refused' in judged || judged.entry.type !== 'hardlink') return judged;
  const target = writer.lookup(judged.entry.linkTarget ?? '');
  if (target?.type !== 'symlink') return judged;
  const { path } = judged.entry;
  const refused = symlinkRefusal(path, target.linkTarget ?? '', prefix);
  return refused === undefined ? { entry: { ...target, path } } : { refused };
}

function pathBelow({ name }: TarItem): string {
  const safe = safePath(name);
  return 'path' in safe ? safe.path : Buffer.from(name).toString();
}
