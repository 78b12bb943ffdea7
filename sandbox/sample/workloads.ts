import type { OwnerReference } from '../../src/kube/kinds.ts';
import { deployments } from '../kinds/deployment.ts';
import { pods } from '../kinds/pod.ts';
import { replicaSets } from '../kinds/replica-set.ts';
import { apiVersionOf, type Resource, type Stored } from '../resource.ts';
import { dayMs, hourMs, type Plant } from './plant.ts';
import { applicationImages } from './versions.ts';

type Workload = {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  /** The endings of its pods' names, and the node of each; none: no node fits. */
  readonly pods: Readonly<Record<string, string | undefined>>;
  readonly hash: string;
  readonly ageMs: number;
  /** What its logs are about; the images know these words. */
  readonly role: string;
  readonly isReady?: boolean;
  /** The claim behind `mountPath`. */
  readonly claim?: { readonly name: string; readonly mountPath: string };
  readonly nodeSelector?: Readonly<Record<string, string>>;
};

const { web, worker, crashing } = applicationImages;
const [controlPlane, worker0, worker1] = ['sample-control-plane-0', 'sample-worker-0', 'sample-worker-1'];

/** Eight containers that run, one that comes and goes, one that waits. */
const workloads: readonly Workload[] = [
  {
    namespace: 'openshift-cluster-version',
    name: 'cluster-version-operator',
    image: worker,
    pods: { xv2mq: controlPlane },
    hash: '6d8c7b5f4d',
    ageMs: 12 * dayMs,
    role: 'cluster-version-operator',
  },
  {
    namespace: 'openshift-image-registry',
    name: 'cluster-image-registry-operator',
    image: worker,
    pods: { '8hq5w': controlPlane },
    hash: '7f9d66c6b8',
    ageMs: 12 * dayMs,
    role: 'cluster-image-registry-operator',
  },
  {
    namespace: 'openshift-image-registry',
    name: 'image-registry',
    image: crashing,
    pods: { p4t7z: worker0 },
    hash: '5b7c9d8f6c',
    ageMs: 12 * dayMs,
    role: 'image-registry',
    isReady: false,
    claim: { name: 'image-registry-storage', mountPath: '/registry' },
  },
  {
    namespace: 'openshift-cnv',
    name: 'hco-operator',
    image: worker,
    pods: { k9d2r: worker0 },
    hash: '84c8c6b79f',
    ageMs: 11 * dayMs,
    role: 'hco-operator',
  },
  {
    namespace: 'openshift-storage',
    name: 'odf-operator-controller-manager',
    image: worker,
    pods: { j6w8n: worker1 },
    hash: '59b6b4d7c5',
    ageMs: 11 * dayMs,
    role: 'odf-operator',
  },
  {
    namespace: 'openshift-mtv',
    name: 'forklift-controller',
    image: worker,
    pods: { b5x4l: worker1 },
    hash: '6fdb5c8d97',
    ageMs: 11 * dayMs,
    role: 'forklift-controller',
  },
  {
    namespace: 'sample-shop',
    name: 'web',
    image: web,
    pods: { '4zc8v': worker0, n7q2h: worker1 },
    hash: '7c5d8bf9d4',
    ageMs: 9 * dayMs,
    role: 'web',
  },
  {
    namespace: 'sample-shop',
    name: 'orders',
    image: worker,
    pods: { m2v6k: worker1 },
    hash: '66d4cd9b7b',
    ageMs: 9 * dayMs,
    role: 'orders',
    claim: { name: 'orders-journal', mountPath: '/journal' },
  },
  {
    namespace: 'sample-shop',
    name: 'recommendations',
    image: worker,
    pods: { t8r5s: undefined },
    hash: '5f8b7c6d99',
    ageMs: 3 * hourMs,
    role: 'recommendations',
    isReady: false,
    nodeSelector: { 'sample.muster.dev/gpu': 'true' },
  },
];

/** The objects of the workloads; nothing makes a pod again that is gone. Returns the pods by name. */
export function plantWorkloads(plant: Plant): ReadonlyMap<string, Stored> {
  const planted = workloads.flatMap((workload) => plantWorkload(plant, workload));
  return new Map(planted.map((pod) => [pod.metadata.name ?? '', pod]));
}

function plantWorkload(plant: Plant, workload: Workload): Stored[] {
  const { namespace, name, hash, ageMs, isReady = true } = workload;
  const endings = Object.entries(workload.pods);
  const replicas = endings.length;
  const ready = isReady ? replicas : 0;
  const labels = { app: name, 'pod-template-hash': hash };
  const template = { metadata: { labels: { app: name } }, spec: podSpec(workload) };
  const spec = { replicas, selector: { matchLabels: { app: name } }, template };
  const counts = { replicas, readyReplicas: ready, availableReplicas: ready, observedGeneration: 1 };
  const deployment = plant.put(
    deployments,
    {
      metadata: { name, namespace, labels: { app: name } },
      spec,
      status: { ...counts, updatedReplicas: replicas, conditions: deploymentConditions(plant, isReady, ageMs) },
    },
    ageMs,
  );
  const set = plant.put(
    replicaSets,
    {
      metadata: { name: `${name}-${hash}`, namespace, labels, ownerReferences: ownedBy(deployments, deployment) },
      spec,
      status: counts,
    },
    ageMs,
  );
  return endings.map(([ending, nodeName]) =>
    plant.put(
      pods,
      {
        metadata: {
          name: `${name}-${hash}-${ending}`,
          namespace,
          labels,
          ownerReferences: ownedBy(replicaSets, set),
        },
        spec: { ...podSpec(workload), ...(nodeName === undefined ? {} : { nodeName }) },
      },
      ageMs,
    ),
  );
}

function podSpec({ image, name, role, claim, nodeSelector }: Workload): object {
  const mounts = claim === undefined ? [] : [{ name: 'data', mountPath: claim.mountPath }];
  const volumes = claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: claim.name } }];
  return {
    containers: [
      {
        name,
        image,
        imagePullPolicy: 'IfNotPresent',
        env: [{ name: 'SAMPLE_ROLE', value: role }],
        volumeMounts: mounts,
        terminationMessagePolicy: 'FallbackToLogsOnError',
      },
    ],
    volumes,
    // They ask the API server nothing.
    automountServiceAccountToken: false,
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 5,
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  };
}

function ownedBy(resource: Resource, { metadata }: Stored): (OwnerReference & { controller: boolean })[] {
  const { name = '', uid = '' } = metadata;
  return [{ apiVersion: apiVersionOf(resource), kind: resource.kind, name, uid, controller: true }];
}

function deploymentConditions(plant: Plant, isReady: boolean, ageMs: number): object[] {
  const changedAt = plant.ago(isReady ? ageMs : Math.min(ageMs, 5 * hourMs));
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: changedAt,
    lastUpdateTime: changedAt,
  });
  return isReady
    ? [condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')]
    : [condition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.')];
}
