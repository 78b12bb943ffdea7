import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Isolation, type Launch, type Mount, NotStarted, type Running } from './container.ts';
import { type ContainerLog, openContainerLog } from './container-log.ts';
import { environmentOf, expand, type ReadEntries } from './environment.ts';
import type { Image } from './images.ts';
import type { ContainerSpec, SandboxPod } from './pod-shape.ts';

export type ContainerSetting = {
  readonly pod: SandboxPod;
  readonly spec: ContainerSpec;
  readonly image: Image;
  /** A folder of this run's own. */
  readonly folder: string;
  /** Volumes by name. */
  readonly volumes: ReadonlyMap<string, string>;
  /** Mounts that every container gets, such as the names of services. */
  readonly commonMounts: readonly Mount[];
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly read: ReadEntries;
  /** Called with the first process, at once and at its end, so that whoever ends what the sandbox leaves knows of it. */
  readonly started: (pid: number) => void;
  readonly ended: (pid: number) => void;
};

/** One run of a container, from its start to its end. */
export type ContainerRun = {
  readonly launch: Launch;
  readonly log: ContainerLog;
  readonly running: Running;
  /** What the container left as its last word. */
  readonly lastWord: (exitCode: number) => Promise<string>;
};

const terminationMessageBytes = 4096;
const logTailBytes = 2048;

/** Starts a container. Throws `Missing` for what its variables need, `NotStarted` when its command cannot run. */
export async function runContainer(
  isolation: Isolation,
  setting: ContainerSetting,
  stamp: () => string,
): Promise<ContainerRun> {
  const { folder, spec } = setting;
  const messageFile = join(folder, 'termination-log');
  const scratch = join(folder, 'tmp');
  await mkdir(scratch, { recursive: true });
  await writeFile(messageFile, '');
  const launch = await launchOf(setting, { messageFile, scratch });
  const logFile = join(folder, 'log');
  const log = await openContainerLog(logFile, stamp);
  const running = isolation.start(launch);
  setting.started(running.pid);
  const written = Promise.all([log.take('stdout', running.stdout), log.take('stderr', running.stderr)]);
  const exited = Promise.all([running.exited, written.catch(endedEarly)]).then(async ([code]) => {
    setting.ended(running.pid);
    await log.end();
    return code;
  });
  try {
    await running.started;
  } catch (error) {
    await exited;
    throw error instanceof NotStarted ? error : new NotStarted(String(error));
  }
  const lastWord = async (exitCode: number) => {
    const said = await tail(messageFile, terminationMessageBytes);
    const usesLog = spec.terminationMessagePolicy === 'FallbackToLogsOnError' && exitCode !== 0 && said === '';
    return usesLog ? lastLines(log) : said;
  };
  return { launch, log, running: { ...running, exited }, lastWord };
}

/** Output that was cut off when its process lingered is no failure; anything else is. */
function endedEarly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}

async function launchOf(
  { pod, spec, image, volumes, commonMounts, baseEnv, read }: ContainerSetting,
  { messageFile, scratch }: { messageFile: string; scratch: string },
): Promise<Launch> {
  const env = environmentOf(pod, spec, { base: { ...baseEnv, ...image.env }, read });
  const expanded = (words: readonly string[] | undefined) => words?.map((word) => expand(word, env));
  const entrypoint = expanded(spec.command) ?? image.entrypoint;
  // As everywhere in Kubernetes: a command of the pod's own leaves the image's arguments out.
  const args = expanded(spec.args) ?? (spec.command === undefined ? image.cmd : []);
  const mounts: Mount[] = [];
  for (const { name, mountPath, subPath, readOnly } of spec.volumeMounts ?? []) {
    const folder = volumes.get(name) ?? '';
    const real = subPath === undefined ? folder : join(folder, subPath);
    if (subPath !== undefined) await mkdir(real, { recursive: true });
    mounts.push({ path: mountPath.replace(/(?<=.)\/+$/, ''), real, ...(readOnly ? { readOnly } : {}) });
  }
  const message = { path: spec.terminationMessagePath ?? '/dev/termination-log', real: messageFile };
  return {
    image,
    argv: [...entrypoint, ...args],
    env,
    mounts: [...commonMounts, message, ...mounts],
    workingDir: spec.workingDir ?? image.workingDir,
    scratch,
  };
}

async function tail(path: string, limitBytes: number): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(limitBytes), 0, limitBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function lastLines(log: ContainerLog): Promise<string> {
  let text = '';
  for await (const entry of log.entries({ follow: false, signal: new AbortController().signal })) {
    text = (text + entry.text.toString() + (entry.isFull ? '\n' : '')).slice(-logTailBytes);
  }
  return text;
}
