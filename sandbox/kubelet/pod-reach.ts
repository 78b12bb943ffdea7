import type { Api } from '../api.ts';
import type { Target } from '../objects.ts';
import { badRequest } from '../status.ts';
import type { Isolation } from './container.ts';
import type { ContainerLog } from './container-log.ts';
import type { Started } from './exec.ts';
import type { SandboxPod } from './pod-shape.ts';
import type { PodWorker } from './pod-worker.ts';

export type PodReach = {
  /** The log of a container, `undefined` for one that never wrote any; throws a 400 for one that waits, a 404 for no pod. */
  logOf(target: Target, options: { container: string; previous: boolean }): ContainerLog | undefined;
  /** What runs a command in a container; throws a 400 for one that does not run, a 404 for no pod. */
  execIn(target: Target, container: string): (command: readonly string[], withStdin: boolean) => Started;
};

export type ReachOptions = {
  readonly workerOf: (pod: SandboxPod) => PodWorker | undefined;
  readonly isolation: Isolation;
  readonly started: (pid: number) => void;
  readonly ended: (pid: number) => void;
};

/** What a person reaches for in a pod: its logs, and a command in it. */
export function reachPods({ objects }: Pick<Api, 'objects'>, options: ReachOptions): PodReach {
  const { workerOf, isolation, started, ended } = options;
  const find = ({ resource, namespace, name }: Target, wanted: string) => {
    const pod = objects.get({ resource, namespace, name }) as SandboxPod;
    const container = containerName(pod, wanted);
    return { pod, container, runs: workerOf(pod)?.runsOf(container) };
  };
  return {
    logOf(target, { container: wanted, previous }) {
      const { pod, container, runs } = find(target, wanted);
      const where = `container "${container}" in pod "${pod.metadata.name}"`;
      // The run before is the last one for as long as the next has not begun.
      const before = isWaiting(pod, container) ? runs?.current : runs?.previous;
      if (previous && before === undefined) throw badRequest(`previous terminated ${where} not found`);
      if (previous) return before?.log;
      if (runs === undefined) throw badRequest(`${where} is waiting to start: ${waitingReason(pod, container)}`);
      return runs.current.log;
    },
    execIn(target, wanted) {
      const { pod, container, runs } = find(target, wanted);
      const run = runs?.current;
      const isRunning = statusesOf(pod).some(({ name, state }) => name === container && state?.running !== undefined);
      if (run === undefined || !isRunning) throw badRequest(`container not found ("${container}") or not running`);
      return (command, withStdin) => {
        const running = isolation.exec(run.running, run.launch, command, withStdin);
        let isOver = false;
        const kill = () => {
          if (!isOver) isolation.kill(running);
        };
        started(running.pid);
        void running.exited.then(() => {
          isOver = true;
          ended(running.pid);
        });
        // A command in a container ends with it.
        void run.running.exited.then(kill);
        return { running, kill };
      };
    },
  };
}

const statusesOf = ({ status }: SandboxPod) => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

const isWaiting = (pod: SandboxPod, container: string) =>
  statusesOf(pod).some(({ name, state }) => name === container && state?.waiting !== undefined);

function containerName({ metadata, spec }: SandboxPod, wanted: string): string {
  const names = [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name);
  if (names.includes(wanted)) return wanted;
  if (wanted !== '') throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
  const [only, ...others] = spec.containers.map(({ name }) => name);
  if (only !== undefined && others.length === 0) return only;
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`);
}

function waitingReason(pod: SandboxPod, container: string): string {
  const status = statusesOf(pod).find(({ name }) => name === container);
  return status?.state?.waiting?.reason ?? 'ContainerCreating';
}
