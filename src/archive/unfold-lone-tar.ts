import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf } from '../report/errors.ts';
import type { Entry, Say } from './entry.ts';
import { packTar } from './pack-tar.ts';
import type { PartWriter } from './part-writer.ts';
import { quoteName } from './safe-path.ts';
import { judgeTarItem } from './tar-entry.ts';
import { scanTar } from './tar-scan.ts';

/** More than this is a bomb: logs reach about 30:1, and long runs of one line 100:1. */
const mostRatio = 200;
/** Some images tar the folder itself that they gathered into: without it their tree is as that of all others. */
const gatherFolder = 'must-gather';

export type UnfoldOptions = {
  readonly prefix: string;
  /** Most bytes that may come out of the tar. */
  readonly limitBytes: number;
  readonly say: Say;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Some images leave one tar instead of a tree. When one (plain or gzip) is all that there is below `prefix` but
 * folders, its content takes its place, without a top folder `must-gather` where all lies in that one, and the answer
 * is true. One that is broken or too large stays as it is: it is read to its end before anything is changed.
 */
export async function unfoldLoneTar(writer: PartWriter, options: UnfoldOptions): Promise<boolean> {
  const { prefix, say, signal } = options;
  const lone = loneTar(writer, prefix);
  if (lone === undefined) return false;
  const limitBytes = Math.min(options.limitBytes, lone.sizeBytes * mostRatio);
  let strip: string | undefined;
  try {
    strip = await topFolder(unpacked(await writer.read(lone.path), lone.path, limitBytes), signal);
  } catch (error) {
    signal?.throwIfAborted();
    say(`${quoteName(lone.path)} is kept as it is: ${messageOf(error)}`);
    return false;
  }
  if (strip !== undefined) say(`${quoteName(lone.path)} is unfolded without its top folder ${quoteName(strip)}`);
  // Outlives the removal.
  const content = await writer.read(lone.path);
  // Inside may be an entry of the same path: it must not be taken for the tar, nor the tar for it.
  await writer.remove([lone.path]);
  await packTar(unpacked(content, lone.path, limitBytes), writer, { ...options, strip });
  return true;
}

function loneTar(writer: PartWriter, prefix: string): Entry | undefined {
  let lone: Entry | undefined;
  for (const entry of writer.entries(prefix)) {
    if (entry.type === 'directory') continue;
    if (lone !== undefined || entry.type !== 'file' || !/\.(tar|tar\.gz|tgz)$/.test(entry.path)) return undefined;
    lone = entry;
  }
  return lone;
}

/** `must-gather` when all that can be packed of a tar lies in a folder of that name. Rejects when the tar is broken. */
async function topFolder(tar: Readable, signal: AbortSignal | undefined): Promise<string | undefined> {
  let found = false;
  let common = true;
  for await (const item of scanTar(tar, signal)) {
    const judged = judgeTarItem(item, '');
    if ('refused' in judged) continue;
    const { path, type } = judged.entry;
    found = true;
    common &&= path.startsWith(`${gatherFolder}/`) || (path === gatherFolder && type === 'directory');
  }
  return found && common ? gatherFolder : undefined;
}

function unpacked(content: Readable, path: string, limitBytes: number): Readable {
  let bytes = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > limitBytes ? new Error(`more than ${limitBytes} bytes come out of it`) : null, chunk);
    },
  });
  const steps = path.endsWith('.tar') ? [content, guard] : [content, createGunzip(), guard];
  pipeline(steps, (error) => {
    if (error) guard.destroy(error);
  });
  return guard;
}
