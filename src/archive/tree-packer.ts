import type { Say } from './entry.ts';
import { createFoundPacker } from './pack-found.ts';
import { createPartWriter, type PartWriter } from './part-writer.ts';
import { quoteName } from './safe-path.ts';
import { openSeenFiles, stampOf } from './seen-files.ts';
import { type Found, walkTree } from './tree-walk.ts';

export type TreePackerOptions = {
  /** The tree. */
  readonly root: string;
  /** Folder of the archive that it goes to, clean. */
  readonly prefix: string;
  /** Of the part. */
  readonly directory: string;
  readonly say: Say;
  /** Told of each file that is packed, and when that does not hold any more. */
  readonly onFile?: ((path: string, isPacked: boolean) => void) | undefined;
};

/** Packs a tree that still changes, so that at its last change little is left to do. Calls must not overlap. */
export type TreePacker = {
  readonly writer: PartWriter;
  /**
   * One walk while the tree may change: packs files that look as in the walk before. Rounds must be a few clock ticks
   * (of 10 ms) apart. An abort ends it between two files.
   */
  round(signal: AbortSignal): Promise<Round>;
  /**
   * After the last change: forgets what changed or vanished since it was packed, and packs what is not packed. False
   * when the tree went on changing.
   */
  finish(signal: AbortSignal): Promise<boolean>;
  /** Lets go of what it knows of the tree; the part stays as it is. */
  close(): void;
};

/** What a walk saw: bytes that the tree takes on its volume. */
export type Round = { readonly allocatedBytes: number };

/** Raw bytes of a member: half of what is usual, since a packer shares its node's memory with what it gathers. */
const MEMBER_BYTES = 2 << 20;
/** Whatever still writes after this many times will not end. */
const MOST_PASSES = 5;
/** No stamp of any file. */
const NOT_WHOLE = 'not whole';

export async function openTreePacker(options: TreePackerOptions): Promise<TreePacker> {
  const { root, prefix, directory, say, onFile = () => undefined } = options;
  /** What is said of a file that may be packed again is no news yet, but trouble. */
  let early = true;
  let troubles = 0;
  const hear: Say = (line) => {
    if (early) troubles += 1;
    else if (seen.isNews(line)) say(line);
  };
  const seen = openSeenFiles();
  const writer = await createPartWriter({ directory, say: hear, memberSizeBytes: MEMBER_BYTES });
  const packer = createFoundPacker(writer, seen.database);
  let walk = 0;

  const drop = async (path: string) => {
    for (const again of new Set([path, ...(await writer.drop([path]))])) {
      seen.markPacked(again, undefined);
      onFile(again, false);
    }
  };
  const walked = async (visit: (found: Found) => Promise<string | undefined>, signal: AbortSignal) => {
    const leftOut = (name: string, reason: string) => hear(`left out ${quoteName(name)}: ${reason}`);
    await walkTree(root, { prefix, visit, leftOut, say: hear, signal });
  };
  /** Packs it, and notes how it looked; a reason to leave it out is dealt with like packing it. */
  const pack = async (found: Found): Promise<string | undefined> => {
    // Also when it throws: what cannot be read is dealt with.
    seen.markPacked(found.path, stampOf(found.facts));
    const { facts, leftOut, entry } = await packer.pack(found);
    seen.markPacked(found.path, stampOf(facts));
    if (entry?.type === 'file') onFile(entry.path, true);
    return leftOut;
  };

  const packEarly = async (found: Found, stamp: string) => {
    troubles = 0;
    // Stands when packing throws: nothing is tried twice before the end, when it is told what is wrong with it.
    seen.markPacked(found.path, NOT_WHOLE);
    const { facts, leftOut } = await packer.pack(found);
    const isWhole = leftOut === undefined && troubles === 0;
    if (isWhole && stampOf(facts) === stamp) {
      seen.markPacked(found.path, stamp);
      return onFile(found.path, true);
    }
    await drop(found.path);
    if (!isWhole) seen.markPacked(found.path, NOT_WHOLE);
  };

  const packSettled = async (found: Found) => {
    const { path, facts } = found;
    // Folders change with what is in them, and links cost nothing: both wait for the end. So do names of one file: which
    // of them comes first is not settled before.
    if (found.type !== 'file' || facts.nlink > 1n) return;
    const stamp = stampOf(facts);
    const known = seen.get(path);
    if (known?.stamp !== stamp) seen.put(path, stamp, walk);
    else if (known.packed === undefined) await packEarly(found, stamp);
  };

  /** Looks at everything, forgets what does not hold any more, and says whether something has to be packed. */
  const compare = async (signal: AbortSignal): Promise<boolean> => {
    walk += 1;
    await walked(async ({ path, facts }) => {
      // Two names that are no UTF-8 may read the same: the first one counts.
      if (seen.get(path)?.walk !== walk) seen.put(path, stampOf(facts), walk);
      return undefined;
    }, signal);
    for (let page = seen.staleAfter('', walk); page.length > 0; page = seen.staleAfter(page.at(-1) ?? '', walk)) {
      for (const path of page) if (seen.get(path)?.packed !== undefined) await drop(path);
    }
    return seen.outstanding(walk) > 0;
  };
  const packRest = async (signal: AbortSignal) => {
    packer.forgetNames();
    await walked(async (found) => {
      const known = seen.get(found.path);
      if (known === undefined || known.packed !== undefined) {
        packer.note(found);
        return undefined;
      }
      return pack(found);
    }, signal);
  };

  return {
    writer,
    async round(signal) {
      early = true;
      walk += 1;
      let allocatedBytes = 0;
      await walked(async (found) => {
        const { blocks, nlink } = found.facts;
        allocatedBytes += Number(blocks) * (512 / (found.type === 'file' ? Number(nlink) : 1));
        await packSettled(found);
        return undefined;
      }, signal);
      return { allocatedBytes };
    },
    async finish(signal) {
      for (let pass = 0; ; pass++) {
        early = true;
        const isMore = await compare(signal);
        early = false;
        // The first pass also tells what is left out.
        if (pass > 0 && (!isMore || pass === MOST_PASSES)) return !isMore;
        await packRest(signal);
      }
    },
    close: () => seen.close(),
  };
}
