import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NotStarted } from './container.ts';
import { findImage, type Image, isReference } from './images.ts';
import { type PodContext, pause, whenThere } from './pod-context.ts';
import { type ContainerRecord, isRestarted } from './pod-state.ts';
import { type ContainerRun, runContainer } from './run-container.ts';

type Volumes = ReadonlyMap<string, string>;

const pullRetryMs = 1000;
const longestPullRetryMs = 10_000;
const longestBackoffMs = 300_000;

/** Runs a container as often as its pod's policy has it; its last exit code, `undefined` when the pod ended before. */
export async function runToItsEnd(
  context: PodContext,
  container: ContainerRecord,
  volumes: Volumes,
  isInit: boolean,
): Promise<number | undefined> {
  const { pod, node, ending, report } = context;
  // As a kubelet does: again at once after the first end, later and later after the others.
  for (let backoffMs = 0; ; backoffMs = Math.min(2 * backoffMs || node.backoffMs, longestBackoffMs)) {
    const exitCode = await runOnce(context, container, volumes);
    if (exitCode === undefined || ending.aborted || !isRestarted(pod.spec.restartPolicy, exitCode, isInit)) {
      container.isOver = exitCode !== undefined;
      report();
      return exitCode;
    }
    container.lastState = container.state;
    if (backoffMs > 0 && !(await backOff(context, container, backoffMs))) return undefined;
    container.restartCount++;
  }
}

/** Waits before a container is started again; false when the pod ends before. */
async function backOff(context: PodContext, container: ContainerRecord, backoffMs: number): Promise<boolean> {
  const { pod, node, report } = context;
  const { name } = container.spec;
  const message = `back-off ${backoffMs / 1000}s restarting failed container=${name} pod=${pod.metadata.name}`;
  container.state = { waiting: { reason: 'CrashLoopBackOff', message } };
  node.event('Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${pod.metadata.name}`);
  report();
  return pause(context, backoffMs);
}

async function runOnce(context: PodContext, container: ContainerRecord, volumes: Volumes): Promise<number | undefined> {
  const image = await pull(context, container);
  if (image === undefined) return undefined;
  try {
    const run = await start(context, container, image, volumes);
    return run && (await follow(context, container, run));
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error;
    const { message } = error;
    const at = context.node.timestamp();
    context.node.event('Warning', 'Failed', `Error: ${message}`);
    container.state = { terminated: { exitCode: 128, reason: 'StartError', message, startedAt: at, finishedAt: at } };
    return 128;
  }
}

/** Waits for the image, as long as the pod lives; nobody brings it, but somebody may load it. */
async function pull(context: PodContext, container: ContainerRecord): Promise<Image | undefined> {
  const { node, report } = context;
  const { image: name, imagePullPolicy } = container.spec;
  for (let tries = 0; ; tries++) {
    container.image = findImage(node.images(), name);
    if (container.image !== undefined) return container.image;
    const waiting = pullProblem(name, imagePullPolicy, tries);
    container.state = { waiting };
    if (tries < 2) node.event('Warning', tries === 0 ? 'Failed' : 'BackOff', waiting.message);
    report();
    if (!(await pause(context, Math.min(pullRetryMs * (tries + 1), longestPullRetryMs)))) return undefined;
  }
}

function pullProblem(name: string, policy: string | undefined, tries: number): { reason: string; message: string } {
  if (!isReference(name)) {
    return {
      reason: 'InvalidImageName',
      message: `Failed to apply default image tag "${name}": couldn't parse image name`,
    };
  }
  if (policy === 'Never') {
    return {
      reason: 'ErrImageNeverPull',
      message: `Container image "${name}" is not present with pull policy of Never`,
    };
  }
  if (tries > 0) return { reason: 'ImagePullBackOff', message: `Back-off pulling image "${name}"` };
  return { reason: 'ErrImagePull', message: `the sandbox has no image "${name}", and pulls none` };
}

async function start(
  context: PodContext,
  container: ContainerRecord,
  image: Image,
  volumes: Volumes,
): Promise<ContainerRun | undefined> {
  const { pod, node, report } = context;
  const { spec, restartCount } = container;
  const folder = join(context.folder, 'containers', spec.name, String(restartCount));
  await mkdir(folder, { recursive: true });
  const attempt = () => {
    const { isolation, commonMounts, sources, stamp, started, ended } = node;
    const baseEnv = node.baseEnv();
    return runContainer(
      isolation,
      { pod, spec, image, folder, volumes, commonMounts, baseEnv, read: sources.read, started, ended },
      stamp,
    );
  };
  return whenThere(context, attempt, (message) => {
    container.state = { waiting: { reason: 'CreateContainerConfigError', message } };
    node.event('Warning', 'Failed', `Error: ${message}`);
    report();
  });
}

/** Stays with a run until it ends. */
async function follow(context: PodContext, container: ContainerRecord, run: ContainerRun): Promise<number> {
  const { node, living, runs, ending, report } = context;
  const { name } = container.spec;
  living.add(run);
  runs.set(name, { current: run, previous: runs.get(name)?.current });
  // The pod may have come to its end while this was being started.
  if (ending.aborted) node.isolation.kill(run.running);
  const startedAt = node.timestamp();
  container.pid = run.running.pid;
  container.state = { running: { startedAt } };
  node.event('Normal', 'Started', `Container ${name} started`);
  report();
  const exitCode = await run.running.exited;
  living.delete(run);
  const message = await run.lastWord(exitCode);
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  const finishedAt = node.timestamp();
  container.state = { terminated: { exitCode, reason, ...(message ? { message } : {}), startedAt, finishedAt } };
  return exitCode;
}
