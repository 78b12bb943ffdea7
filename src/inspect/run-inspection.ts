import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { discover } from '../kube/discovery.ts';
import type { Kube } from '../kube/kube.ts';
import { messageOf } from '../report/errors.ts';
import { openEventCollector } from './event-collector.ts';
import type { Inspected, InspectionOptions, Inspector, LogWishes } from './inspector.ts';
import { openPool } from './pool.ts';
import { timestampLine } from './timestamp.ts';
import { openTree } from './tree.ts';
import { yamlDocument } from './yaml-text.ts';

const defaultConcurrency = 16;

export type Plan = {
  /** Adds the first jobs; they add the others. */
  readonly begin: (inspector: Inspector) => void;
  readonly tailLines?: number | undefined;
};

/**
 * The frame of every inspection: discovery, jobs until none is left, event page, two lines of `timestamp`. What cannot
 * be read is an error in the result; it throws only when the cluster cannot be asked what it serves, or the folder
 * cannot be written.
 */
export async function runInspection(kube: Kube, options: InspectionOptions, plan: Plan): Promise<Inspected> {
  const { destDir, now, say, signal = new AbortController().signal } = options;
  const startedAt = now();
  const errors: string[] = [];
  const notes = new Set<string>();
  const tree = openTree(destDir);
  const events = openEventCollector(destDir);
  const fail = (line: string) => {
    errors.push(line);
    say(`error: ${line}`);
  };
  const note = (line: string) => {
    if (notes.has(line)) return;
    notes.add(line);
    say(line);
  };
  await mkdir(destDir, { recursive: true });
  await appendTimestamp(destDir, startedAt, startedAt);
  const discovery = await discover(kube, signal);
  for (const { groupVersion, reason } of discovery.failed) note(`${groupVersion} could not be discovered: ${reason}`);
  const pool = openPool(options.concurrency ?? defaultConcurrency, signal, (error) => {
    if (!signal.aborted) fail(messageOf(error));
  });
  const logs = logWishes(options, startedAt, plan.tailLines);
  const inspector = {
    kube,
    discovery,
    tree,
    pool,
    logs,
    signal,
    note,
    fail,
    event: events.take,
    nodeFailures: new Map(),
  };
  if (discovery.aggregated) {
    await tree.write('aggregated-discovery-api.yaml', [yamlDocument(discovery.aggregated.api)]);
    await tree.write('aggregated-discovery-apis.yaml', [yamlDocument(discovery.aggregated.apis)]);
  }
  plan.begin(inspector);
  const left = await pool.drained();
  if (signal.aborted) fail(`stopped early (${messageOf(signal.reason)}), at least ${left} things were not read`);
  await tree.write('event-filter.html', await events.page(note));
  await appendTimestamp(destDir, startedAt, now());
  const { files, sizeBytes } = tree.written();
  return { files: files + 1, sizeBytes, errors };
}

function logWishes(options: InspectionOptions, startedAt: Date, tailLines: number | undefined): LogWishes {
  const { since, sinceTime, rotatedPodLogs = false } = options;
  return {
    // The API takes whole seconds from 1 on.
    sinceSeconds: since === undefined ? undefined : Math.max(1, Math.ceil(since.durationMs / 1000)),
    sinceTime,
    fromMs: since === undefined ? fromTime(sinceTime) : startedAt.getTime() - since.durationMs,
    rotated: rotatedPodLogs,
    tailLines,
  };
}

function fromTime(sinceTime: string | undefined): number | undefined {
  return sinceTime === undefined ? undefined : Date.parse(sinceTime);
}

async function appendTimestamp(destDir: string, startedAt: Date, at: Date): Promise<void> {
  await appendFile(join(destDir, 'timestamp'), timestampLine(at, at.getTime() - startedAt.getTime()));
}
