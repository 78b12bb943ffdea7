import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Say } from '../archive/entry.ts';
import { openTreePacker, type TreePacker } from '../archive/tree-packer.ts';
import { unfoldLoneTar } from '../archive/unfold-lone-tar.ts';
import { orAborted } from '../kube/abort.ts';
import { sleep, type Timers } from '../kube/timers.ts';
import { messageOf } from '../report/errors.ts';
import { TAKEN_OVER } from './ingest.ts';
import { createPackerClient, type PackerClient } from './packer-client.ts';
import { createDiskGuard, openPackerControl, type PackerControl } from './packer-control.ts';
import { openPackerEvents, type PackerEvents } from './packer-events.ts';
import { createPackerSays, type PackerSays } from './packer-says.ts';
import { createPackerUpload, type PackerUpload } from './packer-upload.ts';

export type PackerOptions = {
  /** Of `muster serve`: `https://HOST:PORT`. */
  readonly ingestUrl: string;
  /** PEM. */
  readonly ca: string;
  readonly token: () => Promise<string>;
  readonly sourceDir: string;
  /** Shared with the gather's wrapper. */
  readonly controlDir: string;
  /** Of the packer alone; what is in it goes. */
  readonly packDir: string;
  /** For the log of the packer's own container. */
  readonly log: Say;
  /** The pod is told to end. */
  readonly terminated: AbortSignal;
  readonly timers: Timers;
  /** Between 0 and 1. */
  readonly random: () => number;
};

/** `taken over`: the server brings the files out in another way, and wants nothing more from here. */
export type PackerOutcome = 'complete' | 'incomplete' | 'taken over';

/** Of the 30 s that a pod has to end (pod.ts). */
const FLUSH_WITHIN_MS = 25_000;
/** Of these, for ending the part in order; then it is sent as it is. */
const FINISH_WITHIN_MS = 5_000;
/** Times that the end is told, should the server lose what it had. */
const MOST_ENDS = 5;
const CLOSE_WITHIN_MS = 1_000;
/** A file has settled when two looks so far apart agree. */
const LOOK_EVERY_MS = 1_000;
const BEAT_EVERY_MS = 2_000;
const END_SEEN_WITHIN_MS = 100;
const UPLOAD_EVERY_MS = 250;
/** A lone tar inside is unfolded up to this size, as when the files come through exec (gather-part.ts). */
const UNFOLD_LIMIT_BYTES = 64 * 2 ** 30;

/** What a packer works with, and the signals that end its steps. */
type Pack = {
  readonly options: PackerOptions;
  readonly client: PackerClient;
  readonly control: PackerControl;
  readonly says: PackerSays;
  /** The gather has ended: nothing changes any more. */
  readonly ended: AbortSignal;
  /** Nothing is wanted from here any more, or there is no time left. */
  readonly over: AbortSignal;
  /** No more can be packed: `over`, or the pod is told to end. */
  readonly closing: AbortSignal;
};

/**
 * Packs what a gather writes, while it writes it, and brings it to the server. Ends when all of it is there, when the pod
 * is told to end and what was packed is there, or when the server takes another way. Whatever the network does, it tries
 * on. Throws when it cannot pack: then the files still lie where they are, for another way.
 */
export async function runPacker(options: PackerOptions): Promise<PackerOutcome> {
  const takenOver = new AbortController();
  const ended = new AbortController();
  const late = new AbortController();
  const control = openPackerControl(options.controlDir);
  const end = () => ended.abort(new Error('the gather has ended'));
  const client = createPackerClient({
    ...options,
    url: options.ingestUrl,
    say: options.log,
    heard(state) {
      if (state.ended) end();
      if (state.stop === TAKEN_OVER) takenOver.abort(new Error(TAKEN_OVER));
      else if (state.stop !== undefined) control.stop(state.stop).catch((error: unknown) => options.log(String(error)));
    },
  });
  const watch = setInterval(() => control.isEnded() && end(), END_SEEN_WITHIN_MS);
  const stopClock = afterAbort(options.terminated, () =>
    options.timers.after(FLUSH_WITHIN_MS, () => late.abort(new Error('the pod ends now'))),
  );
  const over = AbortSignal.any([takenOver.signal, late.signal]);
  const closing = AbortSignal.any([over, options.terminated]);
  try {
    const says = createPackerSays();
    return await packAndUpload({ options, client, control, says, ended: ended.signal, over, closing });
  } catch (error) {
    if (takenOver.signal.aborted) return 'taken over';
    if (!options.terminated.aborted) throw error;
    options.log(`the pod ends before everything was sent: ${messageOf(error)}`);
    return 'incomplete';
  } finally {
    stopClock();
    clearInterval(watch);
    client.close();
  }
}

async function packAndUpload(pack: Pack): Promise<PackerOutcome> {
  const { options, client, says, over, closing } = pack;
  const hello = helloOf((await client.ask('POST', 'hello', { json: {} }, closing)).body);
  const directory = join(options.packDir, 'part');
  await rm(directory, { recursive: true, force: true });
  await mkdir(options.packDir, { recursive: true });
  const events = openPackerEvents(says.say);
  const { prefix } = hello;
  const tree = await openTreePacker({
    root: options.sourceDir,
    prefix,
    directory,
    say: says.say,
    onFile: events.onFile,
  });
  const upload = createPackerUpload({ client, directory, writer: tree.writer, timers: options.timers });
  const finishing = new AbortController();
  const aside = Promise.all([
    repeat(pack, UPLOAD_EVERY_MS, finishing.signal, () => upload.step(over)),
    repeat(pack, BEAT_EVERY_MS, finishing.signal, () => beat(pack, tree)),
  ]);
  try {
    const packing = packAll(pack, hello, tree, events);
    // What goes wrong beside it ends it: without this, packing would go on for nothing.
    const complete = await Promise.race([packedInTime(pack, packing), aside.then(() => packing)]);
    const isFinished = await finishPart(pack, tree);
    finishing.abort();
    await aside;
    const message = complete
      ? ''
      : pack.options.terminated.aborted
        ? 'its pod was told to end'
        : 'its files went on changing';
    await sendEnd(pack, { tree, upload, events, isFinished, complete, message });
    return complete ? 'complete' : 'incomplete';
  } finally {
    finishing.abort();
    // Not before what is being packed is packed, but for a large file: the process ends soon.
    await Promise.race([tree.writer.close(), sleep(options.timers, CLOSE_WITHIN_MS)]);
    tree.close();
    events.close();
  }
}

type Hello = { readonly prefix: string; readonly volumeLimitPercentage: number };

function helloOf({ prefix, membersBytes, volumeLimitPercentage }: Readonly<Record<string, unknown>>): Hello {
  if (typeof prefix !== 'string' || prefix === '') throw new Error('the server told no folder for what is packed');
  // The part of a packer before this one is lost with it, and a second one cannot be laid behind its beginning.
  if (membersBytes !== 0)
    throw new Error(`the server has ${membersBytes} bytes of a part that this packer knows nothing of`);
  return { prefix, volumeLimitPercentage: Number(volumeLimitPercentage) };
}

/** Packs everything, from the gather's first file to its last. True when all is packed as it was at the gather's end. */
async function packAll(pack: Pack, hello: Hello, tree: TreePacker, events: PackerEvents): Promise<boolean> {
  const { options, control, says, ended, closing } = pack;
  const guard = createDiskGuard(options.sourceDir, hello.volumeLimitPercentage);
  const whileGathering = AbortSignal.any([closing, ended]);
  try {
    for (;;) {
      const beganMs = options.timers.now();
      const { allocatedBytes } = await tree.round(whileGathering);
      if (await guard.isAbove(allocatedBytes)) await control.stop('DiskLimit');
      await events.read(tree.writer, whileGathering);
      const tookMs = options.timers.now() - beganMs;
      await sleep(options.timers, Math.max(LOOK_EVERY_MS, 2 * tookMs), whileGathering);
    }
  } catch (error) {
    closing.throwIfAborted();
    if (!ended.aborted) throw error;
  }
  const isAll = await tree.finish(closing);
  const limitBytes = Math.min(UNFOLD_LIMIT_BYTES, guard.limitBytes());
  if (await unfoldLoneTar(tree.writer, { prefix: hello.prefix, limitBytes, say: says.say, signal: closing })) {
    for (const { path, type } of tree.writer.entries(hello.prefix)) if (type === 'file') events.onFile(path, true);
  }
  await events.read(tree.writer, closing);
  return isAll;
}

/** What packing comes to; false as soon as the pod is told to end, whatever is being packed then. */
async function packedInTime({ over, closing }: Pack, packing: Promise<boolean>): Promise<boolean> {
  try {
    return await orAborted(packing, closing);
  } catch (error) {
    over.throwIfAborted();
    if (!closing.aborted) throw error;
    return false;
  }
}

/** Ends the part in order; false when a large file that is being packed leaves no time for that. */
async function finishPart({ options, over }: Pack, tree: TreePacker): Promise<boolean> {
  const finished = tree.writer.finish().then(() => true);
  if (!options.terminated.aborted) return await orAborted(finished, over);
  finished.catch(() => undefined); // below, or of no matter any more
  const tooLong = sleep(options.timers, FINISH_WITHIN_MS, over).then(() => false);
  tooLong.catch(() => undefined);
  return await Promise.race([finished, tooLong]);
}

async function beat({ client, says, over }: Pack, tree: TreePacker): Promise<void> {
  const { files, contentBytes } = tree.writer.stats();
  const lines = says.next();
  await client.ask('POST', 'progress', { json: { files, bytes: contentBytes, says: lines } }, over);
  says.taken(lines);
}

type Ending = {
  readonly tree: TreePacker;
  readonly upload: PackerUpload;
  readonly events: PackerEvents;
  readonly isFinished: boolean;
  readonly complete: boolean;
  readonly message: string;
};

async function sendEnd(pack: Pack, ending: Ending): Promise<void> {
  const { options, client, says, over } = pack;
  const { tree, upload, events, isFinished, complete, message } = ending;
  // Before the members: what the copy tells is then among those that are uploaded.
  const sendRecord = await upload.record(isFinished);
  await upload.members(over);
  await sendRecord(over);
  const file = join(options.packDir, 'events');
  await events.write(file);
  await client.ask('PUT', 'events', { file, start: 0, end: (await stat(file)).size }, over);
  while (says.isMuch()) await beat(pack, tree);
  const { files, contentBytes: bytes } = tree.writer.stats();
  let from: number | undefined;
  for (let attempt = 0; attempt < MOST_ENDS; attempt++) {
    const membersBytes = await upload.members(over, from);
    const end = { files, bytes, membersBytes, complete, message, says: says.next() };
    const { status, body } = await client.ask('POST', 'end', { json: end }, over);
    if (status === 200) return;
    // A chunk that it had is lost, as with a store that was put back to what it was before.
    from = Number(body.membersBytes);
  }
  throw new Error('the server takes no end of what it has');
}

/** Does something again and again, until `until` is aborted: what is under way then still comes to its end. */
async function repeat(
  { options }: Pack,
  everyMs: number,
  until: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  while (!until.aborted) {
    await work();
    await sleep(options.timers, everyMs, until).catch(() => undefined);
  }
}

/** Calls `act` when the signal is aborted; the function returned calls off what it began. */
function afterAbort(signal: AbortSignal, act: () => () => void): () => void {
  let callOff: (() => void) | undefined;
  const onAbort = () => {
    callOff = act();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    signal.removeEventListener('abort', onAbort);
    callOff?.();
  };
}
