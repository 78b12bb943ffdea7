import { events } from '../kinds/event.ts';
import type { Stored } from '../resource.ts';
import { dayMs, hourMs, minuteMs, type Plant } from './plant.ts';

type Happening = {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  readonly message: string;
  readonly component: string;
  readonly lastAgoMs: number;
  /** As long ago as the last one unless told. */
  readonly firstAgoMs?: number;
  readonly count?: number;
  readonly isWarning?: boolean;
};

type Pods = ReadonlyMap<string, Stored>;

/** Events that fit the rest: some days old, some fresh. `pods` are those that events may be about, by name. */
export function plantHappenings(plant: Plant, pods: Pods): void {
  for (const [place, happening] of [...ofPods(pods), ...others].entries()) {
    const { namespace, kind, name, reason, message, component, lastAgoMs, count = 1, isWarning = false } = happening;
    const { firstAgoMs = lastAgoMs } = happening;
    plant.put(
      events,
      {
        // As the API's own names end: with the time, here with the place, which is enough to tell them apart.
        metadata: { name: `${name}.${(0x17a2b3c4d5e6f + place).toString(16)}`, namespace },
        involvedObject: { kind, name, namespace, apiVersion: 'v1', uid: pods.get(name)?.metadata.uid },
        reason,
        message,
        type: isWarning ? 'Warning' : 'Normal',
        count,
        firstTimestamp: plant.ago(firstAgoMs),
        lastTimestamp: plant.ago(lastAgoMs),
        source: { component },
        reportingComponent: component,
        reportingInstance: '',
        eventTime: null,
      },
      firstAgoMs,
    );
  }
}

function ofPods(pods: Pods): Happening[] {
  return [...pods.values()].flatMap((pod) => {
    const { name = '', namespace = '' } = pod.metadata;
    const about = { namespace, kind: 'Pod', name };
    if (name.startsWith('recommendations-')) return [unschedulable(about)];
    const pulled = { ...about, reason: 'Pulled', message: 'Container image was already present on the node' };
    const quiet = { ...pulled, component: 'kubelet', lastAgoMs: 4 * hourMs };
    return name.startsWith('image-registry-') ? [quiet, ...crashing(about)] : [quiet];
  });
}

type About = Pick<Happening, 'namespace' | 'kind' | 'name'>;

const unschedulable = (about: About): Happening => ({
  ...about,
  reason: 'FailedScheduling',
  message: "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
  component: 'default-scheduler',
  firstAgoMs: 3 * hourMs,
  lastAgoMs: 2 * minuteMs,
  count: 37,
  isWarning: true,
});

const crashing = (about: About): Happening[] => [
  {
    ...about,
    reason: 'BackOff',
    message: 'Back-off restarting failed container image-registry in its pod',
    component: 'kubelet',
    firstAgoMs: 5 * hourMs,
    lastAgoMs: minuteMs,
    count: 1289,
    isWarning: true,
  },
  {
    ...about,
    reason: 'Unhealthy',
    message: 'Readiness probe failed: Get "https://10.128.2.17:5000/healthz": connect: connection refused',
    component: 'kubelet',
    firstAgoMs: 5 * hourMs,
    lastAgoMs: 12 * minuteMs,
    count: 58,
    isWarning: true,
  },
];

const others: readonly Happening[] = [
  {
    namespace: 'openshift-image-registry',
    kind: 'PersistentVolumeClaim',
    name: 'image-registry-storage',
    reason: 'VolumeUsageHigh',
    message: 'the volume is 100% full: 0 bytes of 100Gi are left',
    component: 'kubelet',
    firstAgoMs: 2 * dayMs,
    lastAgoMs: 5 * hourMs,
    count: 46,
    isWarning: true,
  },
  {
    namespace: 'openshift-image-registry',
    kind: 'Deployment',
    name: 'cluster-image-registry-operator',
    reason: 'OperatorStatusChanged',
    message: 'Status for clusteroperator/image-registry changed: Degraded changed from False to True',
    component: 'image-registry-operator',
    lastAgoMs: 5 * hourMs,
    isWarning: true,
  },
  {
    namespace: 'openshift-image-registry',
    kind: 'ReplicaSet',
    name: 'image-registry-5b7c9d8f6c',
    reason: 'SuccessfulCreate',
    message: 'Created pod: image-registry-5b7c9d8f6c-p4t7z',
    component: 'replicaset-controller',
    lastAgoMs: 12 * dayMs,
  },
  {
    namespace: 'openshift-cluster-version',
    kind: 'ClusterVersion',
    name: 'version',
    reason: 'PayloadLoaded',
    message: 'Payload loaded version="4.22.3-sample" architecture="amd64"',
    component: 'cluster-version-operator',
    lastAgoMs: 12 * dayMs,
  },
  {
    namespace: 'openshift-etcd',
    kind: 'Deployment',
    name: 'etcd-operator',
    reason: 'EtcdSlowFsync',
    message: 'etcd member sample-control-plane-0 has a 99th percentile fsync of 41 ms, above 10 ms',
    component: 'etcd-operator',
    firstAgoMs: 4 * dayMs,
    lastAgoMs: 50 * minuteMs,
    count: 12,
    isWarning: true,
  },
  {
    namespace: 'default',
    kind: 'Node',
    name: 'sample-worker-1',
    reason: 'NodeNotReady',
    message: 'Node sample-worker-1 status is now: NodeNotReady',
    component: 'node-controller',
    lastAgoMs: 3 * dayMs,
  },
  {
    namespace: 'default',
    kind: 'Node',
    name: 'sample-worker-1',
    reason: 'NodeReady',
    message: 'Node sample-worker-1 status is now: NodeReady',
    component: 'kubelet',
    lastAgoMs: 3 * dayMs - 4 * minuteMs,
  },
  {
    namespace: 'sample-shop',
    kind: 'PersistentVolumeClaim',
    name: 'reports-archive',
    reason: 'ClaimLost',
    message: 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
    component: 'persistentvolume-controller',
    lastAgoMs: 31 * hourMs,
    isWarning: true,
  },
  {
    namespace: 'sample-shop',
    kind: 'Deployment',
    name: 'web',
    reason: 'ScalingReplicaSet',
    message: 'Scaled up replica set web-7c5d8bf9d4 to 2',
    component: 'deployment-controller',
    lastAgoMs: 9 * dayMs,
  },
  {
    namespace: 'sample-vms',
    kind: 'VirtualMachine',
    name: 'batch-night',
    reason: 'Stopped',
    message: 'The virtual machine was shut down from inside',
    component: 'virt-controller',
    lastAgoMs: 7 * hourMs,
  },
  {
    namespace: 'openshift-mtv',
    kind: 'Migration',
    name: 'warehouse-1',
    reason: 'Failed',
    message: 'VM warehouse-db: the disk transfer stopped at 61 %: connection reset by vcenter.sample.invalid',
    component: 'forklift-controller',
    lastAgoMs: 26 * hourMs,
    isWarning: true,
  },
];
