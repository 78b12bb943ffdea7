import { messageOf } from '../report/errors.ts';
import type { Content, Entry, Say } from './entry.ts';
import type { MemberFile } from './member-file.ts';
import type { PartRecord } from './part-record.ts';
import { quoteName } from './safe-path.ts';
import { paddingBytes, tarHeader } from './tar-header.ts';

/** Lays entries down in runs: several small ones in one member, or a large one in members of its own. */
export type RunWriter = {
  add(entry: Entry, content: Content | undefined): Promise<void>;
  /** Ends the run that is being filled; what follows begins another. */
  flush(): Promise<void>;
  /** Waits until all runs that ended are on disk. Rejects when one could not be written. */
  settle(): Promise<void>;
};

type Run = { readonly id: number; entries: number; members: number; readonly written: Promise<void>[] };

export function createRunWriter(options: {
  record: PartRecord;
  members: MemberFile;
  nextRun: number;
  say: Say;
}): RunWriter {
  const { record, members, say } = options;
  let nextRun = options.nextRun;
  let buffer: Buffer | undefined;
  let filled = 0;
  let run: Run | undefined;
  let failure: { error: unknown } | undefined;
  const ending = new Set<Promise<void>>();

  const room = async (): Promise<Buffer> => {
    if (failure) throw failure.error;
    buffer ??= await members.buffer();
    return buffer;
  };
  const current = (): Run => {
    run ??= { id: nextRun++, entries: 0, members: 0, written: [] };
    return run;
  };
  const endMember = () => {
    if (buffer === undefined || filled === 0) return;
    const of = current();
    const number = of.members++;
    const rawBytes = filled;
    const written = members.write(buffer, filled).then((member) => {
      record.putMember(number, { run: of.id, rawBytes, ...member });
    });
    written.catch((error: unknown) => {
      failure ??= { error };
    });
    of.written.push(written);
    buffer = undefined;
    filled = 0;
  };
  const endRun = () => {
    endMember();
    if (run === undefined) return;
    const ended = run;
    run = undefined;
    const done = Promise.all(ended.written)
      .then(() => record.putRun(ended.id, ended.entries, ended.members))
      .catch((error: unknown) => {
        failure ??= { error };
      });
    ending.add(done);
    void done.finally(() => ending.delete(done));
  };
  const put = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) {
      const target = await room();
      const length = Math.min(target.length - filled, bytes.length - at);
      target.set(bytes.subarray(at, at + length), filled);
      filled += length;
      at += length;
      if (filled === target.length) endMember();
    }
  };
  const putZeros = async (count: number) => {
    for (let left = count; left > 0; ) {
      const target = await room();
      const length = Math.min(target.length - filled, left);
      target.fill(0, filled, filled + length);
      filled += length;
      left -= length;
      if (filled === target.length) endMember();
    }
  };
  const putContent = async (entry: Entry, content: Content | undefined) => {
    let left = entry.sizeBytes;
    let reason = 'shorter than said';
    for await (const result of chunksOf(content)) {
      if ('error' in result) {
        reason = messageOf(result.error);
        break;
      }
      await put(result.chunk.subarray(0, left));
      if (result.chunk.length > left) {
        say(`${quoteName(entry.path)} grew while it was read: cut at ${entry.sizeBytes} bytes`);
        return;
      }
      left -= result.chunk.length;
    }
    if (left > 0) say(`${quoteName(entry.path)} is ${left} bytes short (${reason}): filled up with zeros`);
    await putZeros(left);
  };

  return {
    async add(entry, content) {
      const header = tarHeader(entry);
      const wholeBytes = header.length + entry.sizeBytes + paddingBytes(entry.sizeBytes);
      const { length } = await room();
      const large = wholeBytes > length;
      if (large || filled + wholeBytes > length) endRun();
      const into = current();
      const offset = filled + header.length;
      into.entries += 1;
      // In the record before the first await: a flush on the way, or a crash, finds it with its run.
      record.put({ entry, run: into.id, offset });
      await put(header);
      await putContent(entry, content);
      await putZeros(paddingBytes(entry.sizeBytes));
      // A member that is just full ends its run too: offsets count from a run's begin.
      if (large || filled === 0) endRun();
    },
    async flush() {
      endRun();
    },
    async settle() {
      while (ending.size > 0) await Promise.all(ending);
      if (failure) throw failure.error;
    },
  };
}

type Result = { readonly chunk: Uint8Array } | { readonly error: unknown };

/** A stream's chunks, and its error as the last result: an entry that broke off is filled up, not thrown. */
async function* chunksOf(content: Content | undefined): AsyncGenerator<Result> {
  if (content instanceof Uint8Array) yield { chunk: content };
  else if (content !== undefined) yield* streamed(content);
}

async function* streamed(content: Exclude<Content, Uint8Array>): AsyncGenerator<Result> {
  try {
    for await (const chunk of content) yield { chunk: typeof chunk === 'string' ? Buffer.from(chunk) : chunk };
  } catch (error) {
    yield { error };
  }
}
