import { join } from 'node:path';
import type { Part } from '../archive/part-writer.ts';
import type { SealedArchive } from '../archive/seal.ts';
import { sealArchive } from '../archive/seal.ts';
import { timestampLine } from '../inspect/timestamp.ts';
import type { Spec } from '../report/spec.ts';
import type { GatherStatus } from '../report/status.ts';
import { createEventPage } from './events.ts';
import { fallbackPart } from './inspection.ts';
import { BUILT_IN } from './plan.ts';
import { openReportLog } from './report-log.ts';
import type { Run, RunOptions } from './run.ts';
import { runGathers } from './run-gathers.ts';
import { summarizeCluster } from './summary.ts';
import { openWorkspace } from './workspace.ts';

export type GatherReportOptions = RunOptions & {
  /** Where the archive goes; it appears there whole or not at all. */
  readonly archiveFile: string;
};

export type ReportOutcome = {
  readonly gathers: readonly GatherStatus[];
  /** Nothing after an interrupt that came before anything was copied. */
  readonly archive: SealedArchive | undefined;
};

/**
 * One report from plan to archive, on a cluster that is only reached through its API. Does not throw for what gathers
 * do; throws MusterError DestinationFailed when this machine's disk is full.
 */
export async function gatherReport(options: GatherReportOptions): Promise<ReportOutcome> {
  const { timers, interrupt, observer } = options;
  const startedMs = timers.now();
  const now = () => new Date(timers.now());
  const workspace = await openWorkspace(options.archiveFile);
  try {
    const log = openReportLog({ file: join(workspace.directory, 'must-gather.logs'), now, echo: observer.note });
    const events = createEventPage(log.say);
    const run: Run = { ...options, workspace: workspace.directory, log, events, now };
    await sayHello(run);
    const outcomes = await runGathers(run);
    const parts = outcomes.map(({ part }) => part).filter((part) => part !== undefined);
    const gathers = outcomes.map(({ status }) => status);
    if (!interrupt.aborted && needsFallback(options.spec, gathers)) parts.push(...(await fallbackPart(run)));
    if (!interrupt.aborted) await saySummary(run, 'after');
    await log.close();
    if (interrupt.aborted && parts.length === 0) return { gathers, archive: undefined };
    const archive = await seal(options.archiveFile, run, log.file, parts, {
      'event-filter.html': events.render(`Events of ${options.topName}`),
      timestamp: timestampLine(new Date(startedMs), 0) + timestampLine(now(), timers.now() - startedMs),
    });
    return { gathers, archive };
  } finally {
    await workspace.remove();
  }
}

/** The first words of a report's log: who gathers, with which images, and how the cluster is. */
export async function sayHello(run: Omit<Run, 'workspace'>): Promise<void> {
  const { log, plan } = run;
  log.say(`Muster ${run.clientVersion}: report ${run.topName}`);
  log.say(`Using gather images: ${[...new Set(plan.gathers.map(({ image }) => image))].join(', ')}`);
  for (const warning of plan.warnings) log.warn(`warning: ${warning}`);
  await saySummary(run, 'before');
}

/** What the cluster says of its own health. */
export async function saySummary(run: Omit<Run, 'workspace'>, moment: 'before' | 'after'): Promise<void> {
  const { kube, clientVersion, log, now, observer } = run;
  const summary = await summarizeCluster(kube, clientVersion, now());
  if (moment === 'after') log.plain('Reprinting Cluster State:');
  for (const line of [...summary.lines, '']) log.plain(line);
  if (summary.isOpenShift) observer.summary(summary.lines, moment);
}

/** oc's rule (reference §2.11): a run that brought nothing of some gather still brings what the cluster says of itself. */
export function needsFallback({ command }: Spec, gathers: readonly GatherStatus[]): boolean {
  return (
    command === undefined &&
    gathers.some(({ image, phase, files }) => image !== BUILT_IN && phase === 'Failed' && !files)
  );
}

async function seal(
  destination: string,
  { topName, workspace, timers }: Run,
  logFile: string,
  parts: readonly Part[],
  pages: Readonly<Record<string, string | Iterable<string>>>,
): Promise<SealedArchive> {
  const generated = [
    { path: `${topName}/must-gather.logs`, content: { file: logFile } },
    ...Object.entries(pages).map(([name, content]) => ({ path: `${topName}/${name}`, content })),
  ];
  return await sealArchive({ parts, generated, destination, workDirectory: workspace, mtimeMs: timers.now() });
}
