import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runToItsEnd } from './container-life.ts';
import { type ContainerRuns, type NodeServices, type PodContext, pause, whenThere } from './pod-context.ts';
import type { SandboxPod } from './pod-shape.ts';
import { newRecord, type PodFailure, type PodRecord } from './pod-state.ts';
import { folderBytes, prepareVolume, quantityBytes } from './volumes.ts';

export type PodWorker = {
  readonly record: PodRecord;
  runsOf(container: string): ContainerRuns | undefined;
  /** TERM, and KILL after the grace; settles when nothing of the pod is left on the node. */
  stop(graceSeconds: number): Promise<void>;
};

const sizeCheckMs = 1000;
const longestTimerMs = 2 ** 31 - 1;

/** Runs a pod that was given to a node, from its volumes to its end. `folder` is the pod's own. */
export function startPodWorker(pod: SandboxPod, folder: string, node: NodeServices): PodWorker {
  const ending = new AbortController();
  const record = newPodRecord(pod, node.timestamp());
  const report = () => node.report(record);
  const context: PodContext = {
    pod,
    folder,
    node,
    record,
    ending: ending.signal,
    living: new Set(),
    runs: new Map(),
    report,
  };
  const timers: NodeJS.Timeout[] = [];
  const killAll = () => {
    for (const { running } of context.living) node.isolation.kill(running);
  };
  const fail = (failure: PodFailure) => {
    if (ending.signal.aborted) return;
    record.failure = failure;
    node.event('Warning', failure.reason, failure.message);
    ending.abort();
    killAll();
  };
  const { activeDeadlineSeconds } = pod.spec;
  if (activeDeadlineSeconds !== undefined) {
    const message = 'Pod was active on the node longer than the specified deadline';
    const expire = () => fail({ reason: 'DeadlineExceeded', message });
    timers.push(setTimeout(expire, Math.min(activeDeadlineSeconds * 1000, longestTimerMs)));
  }
  const done = live(context, fail)
    .catch((error: unknown) => fail({ reason: 'SandboxError', message: String(error) }))
    .finally(() => {
      for (const timer of timers) clearTimeout(timer);
      ending.abort();
      report();
    });
  let left: Promise<void> | undefined;
  return {
    record,
    runsOf: (container) => context.runs.get(container),
    stop(graceSeconds) {
      ending.abort();
      if (graceSeconds === 0) killAll();
      else {
        for (const { running } of context.living) node.isolation.terminate(running);
        timers.push(setTimeout(killAll, graceSeconds * 1000));
      }
      left ??= done.then(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
      return left;
    },
  };
}

function newPodRecord({ spec }: SandboxPod, startTime: string): PodRecord {
  const { initContainers = [], containers } = spec;
  const waitingFor = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  return {
    startTime,
    init: initContainers.map((container) => newRecord(container, 'PodInitializing')),
    main: containers.map((container) => newRecord(container, waitingFor)),
    failure: undefined,
  };
}

async function live(context: PodContext, fail: (failure: PodFailure) => void): Promise<void> {
  const { record, folder, report } = context;
  await mkdir(join(folder, 'volumes'), { recursive: true });
  report();
  const volumes = await volumesOf(context);
  if (volumes === undefined) return;
  guardSizes(context, volumes, fail).catch((error: unknown) =>
    fail({ reason: 'SandboxError', message: String(error) }),
  );
  for (const container of record.init) {
    if ((await runToItsEnd(context, container, volumes, true)) !== 0) return;
  }
  for (const container of record.main) container.state = { waiting: { reason: 'ContainerCreating' } };
  await Promise.all(record.main.map((container) => runToItsEnd(context, container, volumes, false)));
}

async function volumesOf(context: PodContext): Promise<ReadonlyMap<string, string> | undefined> {
  const { pod, folder, node } = context;
  const volumes = new Map<string, string>();
  for (const volume of pod.spec.volumes ?? []) {
    const prepared = await whenThere(
      context,
      () => prepareVolume(pod, volume, join(folder, 'volumes'), node.sources),
      (why) => node.event('Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${volume.name}": ${why}`),
    );
    if (prepared === undefined) return undefined;
    volumes.set(volume.name, prepared);
  }
  return volumes;
}

/** Evicts the pod when one of its emptyDirs outgrows its limit. */
async function guardSizes(
  context: PodContext,
  volumes: ReadonlyMap<string, string>,
  fail: (failure: PodFailure) => void,
): Promise<void> {
  const limits = (context.pod.spec.volumes ?? []).flatMap(({ name, emptyDir }) => {
    const limitBytes = quantityBytes(emptyDir?.sizeLimit ?? '');
    return limitBytes === undefined ? [] : [{ name, limitBytes, limit: emptyDir?.sizeLimit }];
  });
  while (limits.length > 0 && (await pause(context, sizeCheckMs))) {
    for (const { name, limitBytes, limit } of limits) {
      if ((await folderBytes(volumes.get(name) ?? '')) <= limitBytes) continue;
      fail({ reason: 'Evicted', message: `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}".` });
    }
  }
}
