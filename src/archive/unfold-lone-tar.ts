import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf } from '../report/errors.ts';
import type { Entry, Say } from './entry.ts';
import { packTar } from './pack-tar.ts';
import type { PartWriter } from './part-writer.ts';
import { quoteName } from './safe-path.ts';

/** More than this is a bomb: logs reach about 30:1, and long runs of one line 100:1. */
const mostRatio = 200;

export type UnfoldOptions = {
  readonly prefix: string;
  /** Most bytes that may come out of the tar. */
  readonly limitBytes: number;
  readonly say: Say;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Some images leave one tar instead of a tree. When one (plain or gzip) is all that there is below `prefix` but
 * folders, its content takes its place, and the answer is true. One that is broken or too large stays as it is.
 */
export async function unfoldLoneTar(writer: PartWriter, options: UnfoldOptions): Promise<boolean> {
  const { prefix, say } = options;
  const lone = loneTar(writer, prefix);
  if (lone === undefined) return false;
  const before = new Set([...writer.entries(prefix)].map(({ path }) => path));
  before.delete(lone.path);
  // Neither reads before it is asked to; both outlive the removal.
  const content = await writer.read(lone.path);
  const again = await writer.read(lone.path);
  // Inside may be an entry of the same path: it must not be taken for the tar, nor the tar for it.
  await writer.remove([lone.path]);
  try {
    const limitBytes = Math.min(options.limitBytes, lone.sizeBytes * mostRatio);
    await packTar(unpacked(content, lone.path, limitBytes), writer, { ...options });
    return true;
  } catch (error) {
    options.signal?.throwIfAborted();
    say(`${quoteName(lone.path)} is kept as it is: ${messageOf(error)}`);
    const added = [...writer.entries(prefix)].map(({ path }) => path).filter((path) => !before.has(path));
    await writer.remove(added);
    await writer.add(lone, again);
    return false;
  } finally {
    content.destroy();
    again.destroy();
  }
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
