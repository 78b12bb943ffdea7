import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Part } from '../archive/part-writer.ts';
import { isNotFound } from '../kube/errors.ts';
import type { Pod } from '../kube/kinds.ts';
import { nodes as nodeKind, pods as podKind } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import type { Spec } from '../report/spec.ts';
import type { GatherStatus } from '../report/status.ts';
import { createEventPage, type EventPage } from './events.ts';
import { folderNames } from './folders.ts';
import type { GatherContext } from './gather-context.ts';
import { removePod } from './gather-pod.ts';
import { inspectionGather } from './inspection.ts';
import { chooseNodes, type Placement } from './nodes.ts';
import type { PlannedGather } from './plan.ts';
import { BUILT_IN } from './plan.ts';
import { podRequest } from './pod-request.ts';
import { makePlace, placeMarks, placeNamespace, type ReportPlace } from './report-place.ts';
import type { Run } from './run.ts';
import { attendGather, type GatherOutcome } from './run-gather.ts';
import { openPods } from './run-gathers.ts';
import type { ServiceRunOptions } from './service-run.ts';
import { partFolder, salvageStoredPart, storePart } from './stored-part.ts';
import type { GatherOutcomeNote, ReportNotes } from './stored-report.ts';

/** What one gather of the service needs. */
type Stored = { readonly options: ServiceRunOptions; readonly run: Run; readonly notes: ReportNotes };
type AllStored = Stored & {
  /** Makes the gathers of the report let go of their pods. */
  readonly giveUp: (reason: unknown) => void;
};

/**
 * Runs the gathers of a report that are not over yet, as slots come free, and keeps in the store what they bring. Throws
 * the reason of `letGo`, and what makes it impossible to begin.
 */
export async function runStoredGathers(stored: AllStored): Promise<GatherOutcomeNote[]> {
  const { options, run } = stored;
  const { report, kube, letGo } = options;
  const { runNamespace, keepNamespace } = report.spec;
  const place: ReportPlace = { reportUid: report.uid, runNamespace, keepNamespace };
  const inPods = report.gathers.some(({ image }) => image !== BUILT_IN);
  if (!inPods) return await together(stored, (gather) => runOne(stored, gather, undefined));
  await makePlace(kube, place);
  const marks = placeMarks(place);
  const pods = await openPods(run, placeNamespace(place), marks);
  try {
    const placement = await placementOf(kube, report.spec, letGo);
    const { cancel, store } = options;
    const packers = options.packers && { registry: options.packers.registry, store, reportUid: report.uid };
    const context = { ...run, plan: { ...run.plan, placement }, pods, cancel, packers, place };
    return await together(stored, (gather) => runOne(stored, gather, context));
  } finally {
    pods.stop();
  }
}

/** Each gather; where one makes the report impossible, the others have let go when this throws. */
async function together(
  { options, giveUp }: AllStored,
  runGather: (gather: PlannedGather) => Promise<GatherOutcomeNote>,
): Promise<GatherOutcomeNote[]> {
  const running = options.report.gathers.map(runGather);
  try {
    return await Promise.all(running);
  } catch (error) {
    giveUp(error);
    await Promise.allSettled(running);
    throw error;
  }
}

type PodContext = Omit<GatherContext, 'folderFor'> & { readonly place: ReportPlace };

async function placementOf(kube: Kube, spec: Spec, signal: AbortSignal): Promise<Placement> {
  if (spec.nodeName !== undefined || spec.nodeSelector !== undefined) return { candidates: [], controlPlane: false };
  return chooseNodes(await Array.fromAsync(kube.list(nodeKind, { signal })));
}

/** One gather from its turn to its outcome. Waiting for a turn ends when the report is cancelled. */
async function runOne(
  { options, run, notes }: Stored,
  gather: PlannedGather,
  context: PodContext | undefined,
): Promise<GatherOutcomeNote> {
  const before = await notes.outcome(gather.name);
  if (before !== undefined) {
    options.onGather(before.status);
    return before;
  }
  const { slots, report, cancel, letGo } = options;
  const release = await slots.take(report.requestedBy, AbortSignal.any([cancel, letGo])).catch((error: unknown) => {
    letGo.throwIfAborted();
    if (!cancel.aborted) throw error;
    return undefined;
  });
  try {
    const known = report.statuses.find(({ name }) => name === gather.name);
    if (release === undefined && !hasBegun(known))
      return await keepOutcome(options, notes, cancelled(gather), undefined);
    const stored = { options, run, notes };
    const isInPod = context !== undefined && gather.image !== BUILT_IN;
    return await (isInPod ? inPod(stored, gather, context, known) : throughApi(stored, gather));
  } finally {
    release?.();
  }
}

const hasBegun = (known: GatherStatus | undefined) => known !== undefined && known.phase !== 'Waiting';

async function throughApi({ options, run, notes }: Stored, gather: PlannedGather): Promise<GatherOutcomeNote> {
  const events = createEventPage(run.log.say);
  const interrupt = AbortSignal.any([options.letGo, options.cancel]);
  const { status, part } = await inspectionGather({ ...run, events, interrupt }, gather);
  options.letGo.throwIfAborted();
  await notes.setEvents(gather.name, events.rows());
  return await keepOutcome(options, notes, status, part);
}

async function inPod(
  { options, run, notes }: Stored,
  gather: PlannedGather,
  context: PodContext,
  known: GatherStatus | undefined,
): Promise<GatherOutcomeNote> {
  const { report, kube, letGo } = options;
  const { place } = context;
  const marks = placeMarks(place);
  const namespace = placeNamespace(place);
  const request = {
    ...podRequest(report.spec, context.plan, gather, { namespace, marks }),
    podName: podNameOf(gather, report.uid),
    packer: options.packers?.request,
  };
  if (hasBegun(known) && (await isPodGone(kube, request.podName, namespace, letGo))) {
    return await keepLost({ options, run, notes }, gather, known);
  }
  const events = createEventPage(run.log.say);
  const folders = (taken: ReadonlySet<string>) =>
    folderNames(run.topName, report.spec.nodeSelector !== undefined, taken);
  const own: GatherContext = {
    ...context,
    events,
    workspace: join(run.workspace, 'parts'),
    folderFor: (imageID, node) => notes.folder(gather.name, (taken) => folders(taken)(imageID, node)),
  };
  let pod: Pod | undefined;
  const attended = await attendGather(own, request, (made) => {
    pod = made;
  });
  letGo.throwIfAborted();
  if (attended.refusal !== undefined) throw attended.refusal.error;
  const outcome =
    attended.brought === undefined
      ? await keepCopied({ options, run, notes }, attended, events)
      : await keepBrought({ options, run, notes }, attended.status, attended.brought);
  if (pod !== undefined && !report.spec.keepNamespace) await removePod(own, request, pod);
  return outcome;
}

/** What came through exec. */
async function keepCopied({ options, notes }: Stored, { status, part }: GatherOutcome, events: EventPage) {
  await notes.setEvents(status.name, events.rows());
  return await keepOutcome(options, notes, status, part);
}

/** What a packer brought: its part and events are in the store, its log is here. */
async function keepBrought(
  stored: Stored,
  status: GatherStatus,
  { logFile, logPath, isWhole }: NonNullable<GatherOutcome['brought']>,
): Promise<GatherOutcomeNote> {
  const { options, notes } = stored;
  const { store, report, onGather } = options;
  await store.put(`${partFolder(report.uid, status.name)}/log`, createReadStream(logFile));
  const salvaged = isWhole ? undefined : await salvage(stored, status.name);
  if (salvaged !== undefined) await storePart(store, partFolder(report.uid, status.name), salvaged, options.letGo);
  const counts = salvaged === undefined ? {} : { files: salvaged.files, bytes: salvaged.contentBytes };
  const hasPart = isWhole || salvaged !== undefined;
  const kept: GatherStatus = hasPart || status.phase !== 'Partial' ? status : { ...status, phase: 'Failed', files: 0 };
  const note = { status: { ...kept, ...counts }, hasPart, logPath };
  await notes.setOutcome(status.name, note);
  onGather(note.status);
  return note;
}

async function salvage({ options, run }: Stored, gatherName: string): Promise<Part | undefined> {
  const directory = join(run.workspace, 'salvaged', gatherName);
  const say = (line: string) => run.log.say(line, gatherName);
  return await salvageStoredPart(options.store, partFolder(options.report.uid, gatherName), directory, say);
}

/** The part first, then the note that it is there. */
async function keepOutcome(
  { store, report, letGo, onGather }: ServiceRunOptions,
  notes: ReportNotes,
  status: GatherStatus,
  part: GatherOutcome['part'],
): Promise<GatherOutcomeNote> {
  if (part !== undefined) await storePart(store, partFolder(report.uid, status.name), part, letGo);
  const note = { status, hasPart: part !== undefined };
  await notes.setOutcome(status.name, note);
  onGather(status);
  return note;
}

/** What had arrived of a gather whose pod went away while no process watched it. */
async function keepLost(
  { options, run, notes }: Stored,
  gather: PlannedGather,
  known: GatherStatus | undefined,
): Promise<GatherOutcomeNote> {
  const part = await salvage({ options, run, notes }, gather.name);
  const phase = part === undefined ? 'Failed' : 'Partial';
  const message = 'its pod went away while nobody watched it';
  const { name, image } = gather;
  const status: GatherStatus = { ...known, name, image, phase, reason: 'PodDeleted', message };
  const counts = part === undefined ? {} : { files: part.files, bytes: part.contentBytes };
  return await keepOutcome(options, notes, { ...status, ...counts }, part);
}

async function isPodGone(kube: Kube, podName: string, namespace: string, signal: AbortSignal): Promise<boolean> {
  try {
    await kube.get(podKind, podName, { namespace, signal });
    return false;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

/** Unique also in a namespace where gathers of several reports run, and a label's length where hosts are named by it. */
const podNameOf = ({ name }: PlannedGather, reportUid: string) => `must-gather-${reportUid.slice(0, 8)}-${name}`;

function cancelled({ name, image }: PlannedGather): GatherStatus {
  return { name, image, phase: 'Cancelled', reason: 'Cancelled', message: 'cancelled before it started' };
}
