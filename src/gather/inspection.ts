import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { glob, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packDirectory } from '../archive/pack-directory.ts';
import type { Part } from '../archive/part-writer.ts';
import { createPartWriter } from '../archive/part-writer.ts';
import { defaultInspection, fallbackInspection } from '../inspect/default-inspection.ts';
import type { Inspected, InspectionOptions } from '../inspect/inspector.ts';
import type { Kube } from '../kube/kube.ts';
import { durationMs } from '../report/duration.ts';
import { messageOf } from '../report/errors.ts';
import type { GatherStatus } from '../report/status.ts';
import type { PlannedGather } from './plan.ts';
import type { Run } from './run.ts';
import type { GatherOutcome } from './run-gather.ts';

/** The folder of the built-in inspection; gather images have their image ID there. */
const BUILT_IN_FOLDER = 'muster-inspect';

/**
 * The built-in inspection as a gather: through the API, without a pod, bound by the same deadline. What could not be
 * read is told, and the rest kept.
 */
export async function inspectionGather(run: Run, gather: PlannedGather): Promise<GatherOutcome> {
  const { observer, timers, spec, log, interrupt } = run;
  const startedAt = new Date(timers.now()).toISOString();
  let status: GatherStatus = { name: gather.name, image: gather.image, phase: 'Running', startedAt };
  const update = (changes: Partial<GatherStatus>) => {
    status = { ...status, ...changes };
    observer.gather(status);
  };
  update({});
  const late = new AbortController();
  const callOff = timers.after(durationMs(spec.timeout), () => late.abort(new Error('stopped at the deadline')));
  const say = (line: string) => log.say(line, gather.name);
  try {
    const signal = AbortSignal.any([interrupt, late.signal]);
    const { part, inspected } = await inspectInto(run, BUILT_IN_FOLDER, defaultInspection, say, signal, () =>
      update({ phase: 'Packing' }),
    );
    const counts = { files: part.files, bytes: part.contentBytes };
    const finishedAt = new Date(timers.now()).toISOString();
    update({ ...verdict(inspected, counts.files, interrupt.aborted, late.signal.aborted), ...counts, finishedAt });
    return { status, part };
  } catch (error) {
    const finishedAt = new Date(timers.now()).toISOString();
    if (interrupt.aborted) update({ phase: 'Cancelled', reason: 'Cancelled', message: 'interrupted', finishedAt });
    else update({ phase: 'Failed', reason: 'CopyFailed', message: messageOf(error), finishedAt });
    return { status, part: undefined };
  } finally {
    callOff();
  }
}

function verdict(inspected: Inspected, files: number, interrupted: boolean, late: boolean): Partial<GatherStatus> {
  const kept = files > 0 ? ('Partial' as const) : ('Failed' as const);
  if (interrupted) return { phase: 'Cancelled', reason: 'Cancelled', message: 'interrupted' };
  if (late) return { phase: kept, reason: 'Timeout', message: 'stopped at the deadline' };
  const [first] = inspected.errors;
  if (first === undefined) return { phase: 'Done' };
  return {
    phase: kept,
    reason: 'CopyFailed',
    message: `${inspected.errors.length} things could not be read, the first: ${first}`,
  };
}

/**
 * What the cluster says of itself, for a report some of whose gathers brought nothing: in `inspect.local.<random>`, as
 * oc names it. Uses the run's own cluster and credentials, which oc does not (reference §0.6).
 */
export async function fallbackPart(run: Run): Promise<Part[]> {
  const folder = `inspect.local.${randomBytes(8).toString('hex')}`;
  const say = (line: string) => run.log.say(line, 'fallback');
  run.log.warn('some gathers brought nothing: inspecting the cluster itself');
  try {
    const { part } = await inspectInto(run, folder, fallbackInspection, say, run.interrupt, () => undefined);
    return [part];
  } catch (error) {
    say(`the inspection failed: ${messageOf(error)}`);
    return [];
  }
}

type Inspection = (kube: Kube, options: InspectionOptions) => Promise<Inspected>;

async function inspectInto(
  run: Run,
  folder: string,
  inspection: Inspection,
  say: (line: string) => void,
  signal: AbortSignal,
  onPacking: () => void,
): Promise<{ part: Part; inspected: Inspected }> {
  const { kube, spec, workspace, topName, now, events } = run;
  const tree = join(workspace, `${folder}.tree`);
  await mkdir(tree, { recursive: true });
  // The must-gather contract: product, then version (reference §3.1).
  await writeFile(join(tree, 'version'), `muster/inspect\n${run.clientVersion}\n`);
  const since = spec.since === undefined ? undefined : { durationMs: durationMs(spec.since) };
  const inspected = await inspection(kube, { destDir: tree, since, sinceTime: spec.sinceTime, now, say, signal });
  onPacking();
  for await (const file of glob('**/events.yaml', { cwd: tree })) {
    await events.add(`${folder}/${file}`, createReadStream(join(tree, file)));
  }
  const writer = await createPartWriter({ directory: join(workspace, folder), say });
  await packDirectory(tree, writer, { prefix: `${topName}/${folder}`, say });
  const part = await writer.finish();
  await rm(tree, { recursive: true });
  return { part, inspected };
}
