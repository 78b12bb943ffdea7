import type { Readable } from 'node:stream';
import type { Say } from '../archive/entry.ts';
import type { Timers } from '../kube/timers.ts';
import { sleep } from '../kube/timers.ts';
import { MusterError, messageOf } from '../report/errors.ts';
import type { FileFacts } from './listing.ts';
import type { PodFiles, Tools } from './pod-files.ts';

/** Above this many files the record of what was copied early would outgrow what the early copy saves. */
const MOST_FILES_EARLY = 200_000;
/** Attempts in a row that bring nothing new before the copy is given up. */
const MOST_FRUITLESS_ATTEMPTS = 4;
const RETRY_DELAY_MS = 2_000;

/** Where copied entries go: a part of the archive. Paths are those of the source folder, as tar spells them. */
export type CopySink = {
  /** Reads one tar stream to its end; tells of each entry that is done with: packed whole, or left out for good. */
  take(stream: Readable, done: (path: string) => void): Promise<void>;
  /** Forgets entries; returns all whose bytes went with them and have to come again. */
  drop(paths: Iterable<string>): Promise<Iterable<string>>;
};

export type CopyResult = {
  /** Everything that was there at the gather's end is packed. */
  readonly complete: boolean;
  /** Why not. */
  readonly message: string;
};

export type Collector = {
  /** Copies files that have settled, while the gather runs. Called again and again; never throws for a failed copy. */
  round(signal: AbortSignal): Promise<void>;
  /** After the gather's end: copies all that is not packed yet, and again what changed since. */
  finish(signal: AbortSignal): Promise<CopyResult>;
};

export type CollectorOptions = {
  readonly files: PodFiles;
  readonly sink: CopySink;
  readonly say: Say;
  readonly timers: Timers;
  /** Whether there is nothing left to ask: a pod that is gone does not come back. */
  readonly isGone: () => boolean;
};

/**
 * Brings the files of one gather out of its pod, in three ways that end with the same bytes: settled files while the
 * gather runs, the rest at its end, and after a cut what is still missing. A file counts as settled when two listings
 * in a row show the same size, times and inode; what was copied early holds when the listing after the end agrees.
 */
export function createCollector({ files, sink, say, timers, isGone }: CollectorOptions): Collector {
  /** Stamps of what is packed, by path. */
  const packed = new Map<string, string>();
  let lastSeen = new Map<string, string>();
  let tools: Tools | undefined;
  let tooMany = false;
  /** This machine's disk takes no more: nothing gets better by trying again. */
  let diskFailed = false;

  const copy = async (wanted: readonly FileFacts[], signal: AbortSignal) => {
    const stamps = new Map(wanted.map(({ path, stamp }) => [path, stamp]));
    const take = (stream: Readable) =>
      sink.take(stream, (path) => {
        const stamp = stamps.get(path);
        if (stamp !== undefined) packed.set(path, stamp);
      });
    return await files.tar([...stamps.keys()], take, signal);
  };

  const settledFiles = async (signal: AbortSignal): Promise<FileFacts[]> => {
    const seen = new Map<string, string>();
    const settled: FileFacts[] = [];
    for await (const facts of files.list(signal)) {
      if (facts.type !== 'f' || !isListable(facts.path)) continue;
      seen.set(facts.path, facts.stamp);
      if (seen.size > MOST_FILES_EARLY) {
        tooMany = true;
        return [];
      }
      if (!packed.has(facts.path) && lastSeen.get(facts.path) === facts.stamp) settled.push(facts);
    }
    lastSeen = seen;
    return settled;
  };

  /**
   * Forgets what changed or vanished since it was packed, and says what is still to come, sockets and the like left
   * out; nothing when there is a name that no list can hold.
   */
  const outstanding = async (signal: AbortSignal): Promise<FileFacts[] | undefined> => {
    const now = new Map<string, FileFacts>();
    for await (const facts of files.list(signal)) {
      if (!isListable(facts.path)) return undefined;
      if (/^[fdl]$/.test(facts.type)) now.set(facts.path, facts);
      else say(`left out ${JSON.stringify(facts.path)}: neither file, folder nor link`);
    }
    const stale = [...packed].filter(([path, stamp]) => now.get(path)?.stamp !== stamp).map(([path]) => path);
    for (const path of stale.length > 0 ? await sink.drop(stale) : []) packed.delete(path);
    return [...now.values()].filter(({ path }) => !packed.has(path));
  };

  const finishByList = async (signal: AbortSignal): Promise<CopyResult> => {
    const missing = await outstanding(signal);
    if (missing === undefined) return finishWhole(signal);
    if (missing.length === 0) return { complete: true, message: '' };
    const { exitCode, stderr } = await copy(missing, signal);
    const absent = missing.filter(({ path }) => !packed.has(path));
    if (absent.length === 0) return { complete: true, message: '' };
    const first = JSON.stringify(absent[0]?.path);
    return {
      complete: false,
      message: `${absent.length} files could not be copied, the first is ${first}: ${stderr || `tar exit code ${exitCode}`}`,
    };
  };

  /** Images whose find or tar knows no lists: everything in one go, from the start again after a cut. */
  const finishWhole = async (signal: AbortSignal): Promise<CopyResult> => {
    await sink.drop(packed.keys());
    packed.clear();
    const take = (stream: Readable) => sink.take(stream, (path) => packed.set(path, ''));
    const { exitCode, stderr } = await files.tar(undefined, take, signal);
    // GNU tar says 1 for a file that changed while it was read; nothing writes any more, so that is no loss.
    return { complete: exitCode <= 1, message: exitCode <= 1 ? '' : stderr || `tar exit code ${exitCode}` };
  };

  const finishOnce = async (signal: AbortSignal): Promise<CopyResult> => {
    tools ??= await files.tools(signal);
    if (!tools.tar) return { complete: false, message: 'the gather image has no tar, so its files cannot be copied' };
    return await (tools.list ? finishByList(signal) : finishWhole(signal));
  };

  return {
    round: async (signal) => {
      if (tooMany || diskFailed) return;
      try {
        tools ??= await files.tools(signal);
        const settled = tools.list ? await settledFiles(signal) : [];
        if (settled.length > 0) await copy(settled, signal);
      } catch (error) {
        diskFailed = isDiskFailure(error);
        // The last copy tries again, and says so when it cannot either.
        if (!signal.aborted) say(`copying early failed: ${messageOf(error)}`);
      }
    },
    finish: async (signal) => {
      let fruitless = 0;
      for (;;) {
        const before = packed.size;
        try {
          return await finishOnce(signal);
        } catch (error) {
          signal.throwIfAborted();
          fruitless = tools?.list === true && packed.size > before ? 1 : fruitless + 1;
          if (isGone() || !isWorthTrying(error, fruitless)) return { complete: false, message: messageOf(error) };
          say(`the copy was cut, going on with what is missing: ${messageOf(error)}`);
          await sleep(timers, RETRY_DELAY_MS * fruitless, signal);
        }
      }
    },
  };
}

function isWorthTrying(error: unknown, fruitless: number): boolean {
  return fruitless < MOST_FRUITLESS_ATTEMPTS && !isDiskFailure(error);
}

/** Names that are no UTF-8 do not survive the way into a list and back; tar alone brings them. */
function isListable(path: string): boolean {
  return !path.includes('\uFFFD');
}

function isDiskFailure(error: unknown): boolean {
  return error instanceof MusterError && error.code === 'DestinationFailed';
}
