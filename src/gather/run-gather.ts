import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Part } from '../archive/part-writer.ts';
import type { Pod } from '../kube/kinds.ts';
import { messageOf } from '../report/errors.ts';
import type { GatherReason, GatherStatus } from '../report/status.ts';
import type { Collector, CopyResult } from './collector.ts';
import { createCollector } from './collector.ts';
import type { Attending, GatherContext } from './gather-context.ts';
import { untilEnded } from './gather-end.ts';
import { startLog } from './gather-log.ts';
import { gatherPacked } from './gather-packed.ts';
import type { GatherPart } from './gather-part.ts';
import { openGatherPart } from './gather-part.ts';
import { createPod, removePod } from './gather-pod.ts';
import type { StatusTracker } from './gather-status.ts';
import { trackStatus } from './gather-status.ts';
import { type Packing, startPacking } from './packing.ts';
import type { GatherPodRequest } from './pod.ts';
import { COPY_CONTAINER } from './pod.ts';
import { podFiles } from './pod-files.ts';
import type { PodState } from './pod-state.ts';
import { isCopyGone } from './pod-state.ts';
import { untilStarted, watchPod } from './pod-watch.ts';
import type { GatherEnd, Verdict } from './verdict.ts';
import { verdictOf } from './verdict.ts';

export type GatherOutcome = {
  readonly status: GatherStatus;
  /** Nothing when the gather never ran, or its packer brought everything into the store. */
  readonly part: Part | undefined;
  /** Of a gather whose packer brought its part: its log, and where it stands in the archive. */
  readonly brought?: { readonly logFile: string; readonly logPath: string; readonly isWhole: boolean };
  /** Why the store took no more of what its packer brought: nothing can come of the report. */
  readonly refusal?: { readonly error: unknown };
};

/** One gather, as `attendGather` tells; its pod is removed at the end. */
export async function runGather(context: GatherContext, request: GatherPodRequest): Promise<GatherOutcome> {
  let made: Pod | undefined;
  const onPod = (pod: Pod) => {
    made = pod;
  };
  try {
    return await attendGather(context, request, onPod);
  } finally {
    if (made !== undefined && !context.spec.keepNamespace) await removePod(context, request, made);
  }
}

/**
 * One gather from its pod to its part. Never throws for what the gather or its pod do: whatever happens is in the
 * status, and what was copied until then is in the part. A pod with the name of the request that is there already is
 * taken over.
 */
export async function attendGather(
  context: GatherContext,
  request: GatherPodRequest,
  onPod: (pod: Pod) => void,
): Promise<GatherOutcome> {
  const waiting: GatherStatus = { name: request.gatherName, image: request.image, phase: 'Waiting' };
  const { timers, log } = context;
  const status = trackStatus(waiting, { observe: context.observer.gather, timers, log });
  const deadlineMs = context.timers.now() + request.timeoutMs;
  let pod: Pod | undefined;
  try {
    context.interrupt.throwIfAborted();
    pod = await createPod(context, request, deadlineMs);
    onPod(pod);
    context.log.say(`pod ${pod.metadata.name} for image ${request.image} created`, request.gatherName);
    status.update({ phase: 'Starting', node: request.nodeName });
    return await attendPod(context, request, pod, deadlineMs, status);
  } catch (error) {
    if (pod === undefined && context.cancel?.aborted && !context.interrupt.aborted) return cancelledEarly(status);
    const phase = context.interrupt.aborted ? 'Cancelled' : 'Failed';
    const reason = phase === 'Cancelled' ? 'Cancelled' : pod === undefined ? 'Refused' : 'CopyFailed';
    status.finish({ phase, reason, message: phase === 'Cancelled' ? 'interrupted' : messageOf(error) });
    return { status: status.now(), part: undefined };
  }
}

function cancelledEarly(status: StatusTracker): GatherOutcome {
  status.finish({ phase: 'Cancelled', reason: 'Cancelled', message: 'cancelled before it started' });
  return { status: status.now(), part: undefined };
}

async function attendPod(
  context: GatherContext,
  request: GatherPodRequest,
  pod: Pod,
  deadlineMs: number,
  status: StatusTracker,
): Promise<GatherOutcome> {
  const { kube, timers, interrupt, cancel } = context;
  const watch = watchPod(context.pods, pod, timers);
  const enough = cancel === undefined ? interrupt : AbortSignal.any([interrupt, cancel]);
  const started = await untilStarted(watch, deadlineMs, timers, enough);
  interrupt.throwIfAborted();
  if (started.stage === 'starting' && cancel?.aborted) return cancelledEarly(status);
  if (started.stage === 'starting' || started.stage === 'lost') {
    status.finish({ phase: 'Failed', ...notStarted(started, request.image) });
    return { status: status.now(), part: undefined };
  }
  const { imageID, node } = started;
  status.update({ phase: 'Running', imageID, node, startedAt: new Date(timers.now()).toISOString() });
  const say = (line: string) => context.log.say(line, request.gatherName);
  const { name = '', namespace = request.namespace } = pod.metadata;
  const files = podFiles(kube, { namespace, pod: name, sourceDir: request.sourceDir, timers });
  const directory = join(context.workspace, request.gatherName);
  await mkdir(directory, { recursive: true });
  const folder = await context.folderFor(imageID || request.image, node);
  const attending: Attending = { context, request, pod, watch, files, deadlineMs, say };
  const logFile = join(directory, 'gather.logs');
  const place: Place = { directory, folder, logFile, logging: startLog(attending, logFile) };
  const packing = await packingOf(attending);
  if (packing === undefined) return await throughExec(attending, place, status);
  try {
    packing.setFolder(folder);
    const brought = await throughPacker(attending, packing, place, status);
    if (brought !== undefined) return brought;
    packing.takeOver();
    return await throughExec(attending, place, status);
  } finally {
    packing.close();
  }
}

/** Where a gather's things go: on this machine, and in the archive. */
type Place = {
  readonly directory: string;
  readonly folder: string;
  readonly logFile: string;
  readonly logging: { finish: () => Promise<void> };
};

async function packingOf({ context, request, pod, watch, deadlineMs, say }: Attending): Promise<Packing | undefined> {
  const { packers, timers, cancel } = context;
  if (packers === undefined || request.packer === undefined) return undefined;
  const stopReason = () => {
    if (cancel?.aborted) return 'Cancelled';
    return timers.now() > deadlineMs ? 'Timeout' : undefined;
  };
  return await startPacking({ ...packers, request, pod, podNow: watch.pod, stopReason, say, timers });
}

/** Undefined when the packer does not bring the files after all. */
async function throughPacker(
  attending: Attending,
  packing: Packing,
  { folder, logFile, logging }: Place,
  status: StatusTracker,
): Promise<GatherOutcome | undefined> {
  const report = () => status.update(packing.counts());
  const packed = await gatherPacked(attending, packing, report);
  if (packed === 'take over') return undefined;
  if ('refusal' in packed) {
    const message = messageOf(packed.refusal.error);
    status.finish({ phase: 'Failed', reason: 'CopyFailed', message, ...packing.counts() });
    return { status: status.now(), part: undefined, refusal: packed.refusal };
  }
  const { end, pack } = packed;
  status.update({ phase: 'Packing', ...packing.counts() });
  await logging.finish();
  const counts = packing.counts();
  const copied: CopyResult = pack ?? { complete: false, message: 'only what had arrived by then is kept' };
  status.finish({ ...verdictOf(end, copied, counts.files), ...counts });
  const brought = { logFile, logPath: `${folder}/gather.logs`, isWhole: pack !== undefined };
  return { status: status.now(), part: undefined, brought };
}

async function throughExec(attending: Attending, place: Place, status: StatusTracker): Promise<GatherOutcome> {
  const { context, say } = attending;
  const { directory, folder } = place;
  const part = await openGatherPart({ directory, folder, say, events: context.events });
  try {
    return await gatherInto(part, attending, place, status);
  } finally {
    await part.close();
  }
}

type NotStarted = { readonly reason: GatherReason; readonly message: string };

function notStarted(state: Extract<PodState, { stage: 'starting' | 'lost' }>, image: string): NotStarted {
  const { message } = state;
  if (state.stage === 'lost') return { reason: state.reason, message };
  if (state.pullProblem === undefined) return { reason: 'NotStarted', message };
  // What the kubelet says need not name the image, and never says what to do.
  return { reason: 'ImagePull', message: `${message}; check its name, and that the node can pull ${image}` };
}

async function gatherInto(
  part: GatherPart,
  attending: Attending,
  { logFile, logging }: Place,
  status: StatusTracker,
): Promise<GatherOutcome> {
  const { context, files, say, watch } = attending;
  const isGone = () => isCopyGone(watch.pod(), COPY_CONTAINER);
  const collector = createCollector({ files, sink: part.sink, say, timers: context.timers, isGone });
  const report = () => status.update(part.counts());
  const end = await untilEnded(attending, collector, report);
  status.update({ phase: 'Packing', ...part.counts() });
  const copied = await copyRest(attending, collector, end, part, report);
  await logging.finish();
  // Counted before the log joins them: a gather of which nothing but its log is left has brought nothing.
  const counts = part.counts();
  const finished = await part.finish(logFile);
  const verdict: Verdict = context.interrupt.aborted
    ? { phase: 'Cancelled', reason: 'Cancelled', message: 'interrupted' }
    : verdictOf(end, copied, counts.files);
  status.finish({ ...verdict, ...counts });
  return { status: status.now(), part: finished };
}

async function copyRest(
  { context, pod, watch, say }: Attending,
  collector: Collector,
  end: GatherEnd,
  part: GatherPart,
  report: () => void,
): Promise<CopyResult> {
  if (context.interrupt.aborted) return { complete: false, message: 'interrupted' };
  if (end.stage !== 'ended' && isCopyGone(watch.pod(), COPY_CONTAINER)) {
    return { complete: false, message: 'what was not copied before is gone with the pod' };
  }
  say(`copying what was gathered from pod ${pod.metadata.name}`);
  const ticking = setInterval(report, 500);
  try {
    const result = await collector.finish(context.interrupt);
    await part.unfold();
    return result;
  } catch (error) {
    if (!context.interrupt.aborted) say(`the copy failed: ${messageOf(error)}`);
    return { complete: false, message: messageOf(error) };
  } finally {
    clearInterval(ticking);
  }
}
