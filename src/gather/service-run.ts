import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Generated } from '../archive/seal.ts';
import { timestampLine } from '../inspect/timestamp.ts';
import { canI, clusterAdmin } from '../kube/access.ts';
import type { Kube } from '../kube/kube.ts';
import type { Timers } from '../kube/timers.ts';
import { archiveName } from '../report/archive-name.ts';
import { archiveTopName } from '../report/names.ts';
import type { Spec } from '../report/spec.ts';
import type { GatherStatus, ReportStatus } from '../report/status.ts';
import type { Store } from '../store/store.ts';
import { createEventPage } from './events.ts';
import { needsFallback, sayHello, saySummary } from './gather-report.ts';
import type { IngestRegistry } from './ingest.ts';
import { fallbackPart } from './inspection.ts';
import type { PackerRequest } from './pack-container.ts';
import type { PlannedGather } from './plan.ts';
import type { Run } from './run.ts';
import { type SealedPart, sealStored } from './seal-stored.ts';
import { openServiceLog, type ServiceLog } from './service-log.ts';
import type { Slots } from './slots.ts';
import { runStoredGathers } from './stored-gathers.ts';
import { partFolder } from './stored-part.ts';
import { type GatherOutcomeNote, type ReportNotes, reportNotes } from './stored-report.ts';
import { summarizeCluster } from './summary.ts';

/** A report whose gathers are planned. */
export type PlannedReport = {
  readonly uid: string;
  readonly spec: Spec;
  readonly gathers: readonly PlannedGather[];
  /** What was known of the gathers before, when another process began with them. */
  readonly statuses: readonly GatherStatus[];
  /** What could not be read while it was planned. */
  readonly warnings: readonly string[];
  readonly requestedBy: string;
  /** When it was accepted, by the clock of the server that did. */
  readonly startedAtMs: number;
};

export type ServiceRunOptions = {
  readonly kube: Kube;
  readonly store: Store;
  readonly report: PlannedReport;
  /** On this machine; what is in it is worth nothing to another process. */
  readonly workDirectory: string;
  readonly slots: Slots;
  readonly clientVersion: string;
  readonly timers: Timers;
  /** How packers are started and met; without, everything comes through exec. */
  readonly packers?: { readonly registry: IngestRegistry; readonly request: PackerRequest } | undefined;
  /** Told of each change of a gather. */
  readonly onGather: (status: GatherStatus) => void;
  /** A person wants this report to stop in order. */
  readonly cancel: AbortSignal;
  /** This process has to let go: everything stays as it is, for the next one to go on with. */
  readonly letGo: AbortSignal;
  /** Told of what is tried again. */
  readonly onError: (error: unknown) => void;
};

export type ServiceOutcome = {
  readonly gathers: readonly GatherStatus[];
  readonly archive: NonNullable<ReportStatus['archive']>;
};

/** Where the archive of a report lies in the store. */
export const archiveKey = (reportUid: string) => `archives/${reportUid}/must-gather.tar.gz`;

/**
 * One report of the service, from its planned gathers to its archive in the store. May be called again after it threw,
 * and by another process after this one was killed: what is done is not done again, what runs is taken over. Throws the
 * reason of `letGo`, a `KubeError` where the cluster does not let it begin, a `MusterError` where the store does not
 * take it.
 */
export async function runServiceReport(given: ServiceRunOptions): Promise<ServiceOutcome> {
  const stopping = new AbortController();
  const letGo = AbortSignal.any([given.letGo, stopping.signal]);
  const options = { ...given, letGo };
  const { store, report, workDirectory, cancel, onError } = options;
  await rm(workDirectory, { recursive: true, force: true });
  await mkdir(workDirectory, { recursive: true });
  const names = report.gathers.map(({ name }) => name);
  const notes = reportNotes(store, report.uid, names);
  const log = await openServiceLog({ ...options, reportUid: report.uid });
  try {
    const run = await describeRun(options, notes, log);
    if (log.isNew) await sayHello(run);
    const outcomes = await runStoredGathers({
      options,
      run,
      notes,
      giveUp: (reason) => stopping.abort(reason),
    });
    letGo.throwIfAborted();
    const gathers = outcomes.map(({ status }) => status);
    const parts: SealedPart[] = outcomes
      .filter(({ hasPart }) => hasPart)
      .map(({ status }) => ({ folder: partFolder(report.uid, status.name) }));
    if (!cancel.aborted && needsFallback(report.spec, gathers)) parts.push(...(await fallback(run)));
    await saySummary(run, 'after');
    await log.close();
    return { gathers, archive: await seal(options, run, { notes, log, parts, outcomes }) };
  } finally {
    await log.close().catch(onError);
    await rm(workDirectory, { recursive: true, force: true });
  }
}

/**
 * What the cluster says of itself, where this process may ask it. In a cluster the service's own account may not: only
 * gathers read everything.
 */
async function fallback(run: Run): Promise<readonly SealedPart[]> {
  if (await canI(run.kube, clusterAdmin, run.interrupt)) return await fallbackPart(run);
  run.log.say('some gathers brought nothing; the service itself may not inspect the cluster in their place');
  return [];
}

async function describeRun(options: ServiceRunOptions, notes: ReportNotes, log: ServiceLog): Promise<Run> {
  const { kube, report, workDirectory, timers, clientVersion, letGo, onGather } = options;
  const placement = { candidates: [], controlPlane: false };
  return {
    kube,
    spec: report.spec,
    plan: { gathers: report.gathers, placement, warnings: report.warnings },
    topName: await notes.topName(() => proposeTopName(options)),
    clientVersion,
    observer: {
      // What a gather says while this process lets go of it is not what becomes of it.
      gather: (status) => {
        if (!letGo.aborted) onGather(status);
      },
      line: log.line,
      note: () => undefined,
      summary: () => undefined,
    },
    interrupt: letGo,
    timers,
    workspace: workDirectory,
    log: log.report,
    events: createEventPage(log.report.say),
    now: () => new Date(timers.now()),
  };
}

async function proposeTopName({ kube, report, clientVersion, timers }: ServiceRunOptions): Promise<string> {
  const { clusterId } = await summarizeCluster(kube, clientVersion, new Date(timers.now()));
  return archiveTopName({
    clusterId12: clusterId === '' ? undefined : clusterId.slice(-12),
    at: new Date(report.startedAtMs),
    random: report.uid.slice(0, 5),
  });
}

type ToSeal = {
  readonly notes: ReportNotes;
  readonly log: ServiceLog;
  readonly parts: readonly SealedPart[];
  readonly outcomes: readonly GatherOutcomeNote[];
};

/** Logs of gathers whose packers brought the rest: they come from the kubelet, which only the server asks. */
async function gatherLogs(
  { store, report, workDirectory }: ServiceRunOptions,
  outcomes: readonly GatherOutcomeNote[],
): Promise<Generated[]> {
  const generated: Generated[] = [];
  for (const { status, logPath } of outcomes) {
    if (logPath === undefined) continue;
    const file = join(workDirectory, `${status.name}.gather.logs`);
    await pipeline(await store.read(`${partFolder(report.uid, status.name)}/log`), createWriteStream(file));
    generated.push({ path: logPath, content: { file } });
  }
  return generated;
}

async function seal(options: ServiceRunOptions, run: Run, toSeal: ToSeal): Promise<ServiceOutcome['archive']> {
  const { store, report, timers, letGo, workDirectory } = options;
  const { notes, log, parts, outcomes } = toSeal;
  const { topName, events } = run;
  for (const { name } of report.gathers) {
    for await (const row of notes.events(name)) events.addRows([row]);
  }
  const ownLog = join(workDirectory, 'must-gather.logs');
  await log.fetchOwn(ownLog);
  // The clock of the server that accepted it may be ahead of this one's.
  const tookMs = Math.max(0, timers.now() - report.startedAtMs);
  const generated: Generated[] = [
    ...(await gatherLogs(options, outcomes)),
    { path: `${topName}/must-gather.logs`, content: { file: ownLog } },
    { path: `${topName}/event-filter.html`, content: events.render(`Events of ${topName}`) },
    {
      path: `${topName}/timestamp`,
      content:
        timestampLine(new Date(report.startedAtMs), 0) + timestampLine(new Date(report.startedAtMs + tookMs), tookMs),
    },
  ];
  const { sizeBytes, sha256 } = await sealStored({
    store,
    key: archiveKey(report.uid),
    parts,
    generated,
    workDirectory,
    mtimeMs: timers.now(),
    signal: letGo,
  });
  return { name: archiveName(report.spec.customName), size: sizeBytes, sha256 };
}
