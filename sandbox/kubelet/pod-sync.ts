import type { Api } from '../api.ts';
import { nodes } from '../kinds/node.ts';
import { pods } from '../kinds/pod.ts';
import type { Say } from './events.ts';
import type { PodCondition, SandboxPod } from './pod-shape.ts';
import type { PodWorker } from './pod-worker.ts';
import { place } from './scheduler.ts';

export type PodSync = {
  /** Does what the pods call for; called after any change, does nothing twice. */
  sync(): void;
  workerOf(pod: SandboxPod): PodWorker | undefined;
  /** Ends every pod's processes. */
  close(): Promise<void>;
};

export type SyncOptions = {
  readonly startWorker: (pod: SandboxPod) => PodWorker;
  readonly say: Say;
  readonly timestamp: () => string;
};

/** Level-triggered, as scheduler and kubelet are: looks at all pods, and does for each what is next. */
export function syncPods({ store, objects }: Pick<Api, 'store' | 'objects'>, options: SyncOptions): PodSync {
  const { startWorker, say, timestamp } = options;
  const workers = new Map<string, { readonly worker: PodWorker; readonly pod: SandboxPod }>();
  const stopping = new Set<string>();
  const all = () => store.snapshot(pods).map(([, pod]) => pod as SandboxPod);
  const targetOf = ({ metadata: { namespace, name = '' } }: SandboxPod) => ({ resource: pods, namespace, name });

  const schedule = (pod: SandboxPod) => {
    const podsOn = (name: string) => all().filter(({ spec }) => spec.nodeName === name).length;
    const candidates = store.snapshot(nodes).map(([, node]) => node);
    const placement = place(pod.spec, candidates, podsOn);
    if ('why' in placement) return tellUnschedulable(pod, placement.why);
    const { nodeName } = placement;
    const bound = objects.replace(targetOf(pod), { ...pod, spec: { ...pod.spec, nodeName } }) as SandboxPod;
    setScheduled(bound, { type: 'PodScheduled', status: 'True' });
    say(
      pod,
      'Normal',
      'Scheduled',
      `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${nodeName}`,
    );
  };
  const tellUnschedulable = (pod: SandboxPod, message: string) => {
    const before = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (before?.message === message) return;
    setScheduled(pod, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message });
    say(pod, 'Warning', 'FailedScheduling', message);
  };
  const setScheduled = (pod: SandboxPod, condition: PodCondition) => {
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
    const conditions = [...others, { ...condition, lastTransitionTime: timestamp() }];
    objects.replace({ ...targetOf(pod), subresource: 'status' }, { ...pod, status: { ...pod.status, conditions } });
  };

  const stop = (pod: SandboxPod, worker: PodWorker) => {
    const { uid = '', deletionGracePeriodSeconds = 0 } = pod.metadata;
    if (stopping.has(uid)) return;
    stopping.add(uid);
    say(pod, 'Normal', 'Killing', 'Stopping containers');
    void worker
      .stop(deletionGracePeriodSeconds)
      .catch(tellTrouble(pod))
      .then(() => {
        workers.delete(uid);
        stopping.delete(uid);
        letGo(pod);
      });
  };
  const tellTrouble = (pod: SandboxPod) => (error: unknown) => say(pod, 'Warning', 'FailedKillPod', String(error));
  /** The last word of a node on a pod that was deleted. */
  const letGo = (pod: SandboxPod) => {
    const current = store.get(pods, pod.metadata.namespace, pod.metadata.name ?? '');
    if (current?.metadata.uid !== pod.metadata.uid) return;
    objects.remove(targetOf(pod), { gracePeriodSeconds: 0 });
  };
  const handle = (seen: SandboxPod) => {
    // What was done for another pod of the same round may have changed or removed this one.
    const pod = store.get(pods, seen.metadata.namespace, seen.metadata.name ?? '') as SandboxPod | undefined;
    if (pod?.metadata.uid === undefined || pod.metadata.uid !== seen.metadata.uid) return;
    const { uid, deletionTimestamp } = pod.metadata;
    const worker = workers.get(uid)?.worker;
    const isOver = ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '');
    if (deletionTimestamp !== undefined) return worker ? stop(pod, worker) : letGo(pod);
    if (pod.spec.nodeName === undefined) return schedule(pod);
    const hasNode = store.get(nodes, undefined, pod.spec.nodeName) !== undefined;
    if (worker === undefined && !isOver && hasNode) workers.set(uid, { worker: startWorker(pod), pod });
  };

  return {
    sync() {
      const present = new Set(all().map(({ metadata }) => metadata.uid));
      for (const [uid, { worker, pod }] of workers) {
        if (present.has(uid)) continue;
        workers.delete(uid);
        void worker.stop(0).catch(tellTrouble(pod));
      }
      for (const pod of all()) handle(pod);
    },
    workerOf: ({ metadata: { uid = '' } }) => workers.get(uid)?.worker,
    async close() {
      await Promise.all([...workers.values()].map(({ worker }) => worker.stop(0)));
    },
  };
}
