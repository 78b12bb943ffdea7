import { clusterOperators } from '../kinds/cluster-operator.ts';
import { dayMs, hourMs, type Plant } from './plant.ts';
import { sampleVersion } from './versions.ts';

export const DEGRADED_OPERATOR = 'image-registry';

type Told = { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string };

type Operator = { readonly name: string; readonly namespace: string; readonly available?: string };

// What OpenShift 4.22 has on bare metal, and the namespace of each.
const operators: readonly Operator[] = [
  {
    name: 'authentication',
    namespace: 'openshift-authentication',
    available: 'OAuthServerRouteEndpointAccessibleControllerAvailable: 1 of 1 routes answer',
  },
  { name: 'baremetal', namespace: 'openshift-machine-api', available: 'Nothing to do on this Platform' },
  { name: 'cloud-controller-manager', namespace: 'openshift-cloud-controller-manager' },
  { name: 'cloud-credential', namespace: 'openshift-cloud-credential-operator' },
  { name: 'cluster-autoscaler', namespace: 'openshift-machine-api' },
  { name: 'config-operator', namespace: 'openshift-config-operator' },
  { name: 'console', namespace: 'openshift-console', available: 'The console answers at console.sample.invalid' },
  { name: 'control-plane-machine-set', namespace: 'openshift-machine-api' },
  { name: 'csi-snapshot-controller', namespace: 'openshift-cluster-storage-operator' },
  { name: 'dns', namespace: 'openshift-dns', available: 'DNS "default" is available.' },
  {
    name: 'etcd',
    namespace: 'openshift-etcd',
    available:
      'StaticPodsAvailable: 1 nodes are active; 1 node is at revision 7\nEtcdMembersAvailable: 1 member is available',
  },
  { name: DEGRADED_OPERATOR, namespace: 'openshift-image-registry' },
  { name: 'ingress', namespace: 'openshift-ingress', available: 'The "default" ingress controller is available.' },
  { name: 'insights', namespace: 'openshift-insights' },
  {
    name: 'kube-apiserver',
    namespace: 'openshift-kube-apiserver',
    available: 'StaticPodsAvailable: 1 nodes are active; 1 node is at revision 12',
  },
  { name: 'kube-controller-manager', namespace: 'openshift-kube-controller-manager' },
  { name: 'kube-scheduler', namespace: 'openshift-kube-scheduler' },
  { name: 'kube-storage-version-migrator', namespace: 'openshift-kube-storage-version-migrator' },
  { name: 'machine-api', namespace: 'openshift-machine-api' },
  { name: 'machine-approver', namespace: 'openshift-cluster-machine-approver' },
  {
    name: 'machine-config',
    namespace: 'openshift-machine-config-operator',
    available: `Cluster has deployed [{operator ${sampleVersion}}]`,
  },
  { name: 'marketplace', namespace: 'openshift-marketplace' },
  { name: 'monitoring', namespace: 'openshift-monitoring' },
  { name: 'network', namespace: 'openshift-network-operator' },
  { name: 'node-tuning', namespace: 'openshift-cluster-node-tuning-operator' },
  { name: 'openshift-apiserver', namespace: 'openshift-apiserver' },
  { name: 'openshift-controller-manager', namespace: 'openshift-controller-manager' },
  { name: 'openshift-samples', namespace: 'openshift-cluster-samples-operator' },
  { name: 'operator-lifecycle-manager', namespace: 'openshift-operator-lifecycle-manager' },
  { name: 'operator-lifecycle-manager-catalog', namespace: 'openshift-operator-lifecycle-manager' },
  { name: 'operator-lifecycle-manager-packageserver', namespace: 'openshift-operator-lifecycle-manager' },
  { name: 'service-ca', namespace: 'openshift-service-ca' },
  { name: 'storage', namespace: 'openshift-cluster-storage-operator' },
];

export const operatorNamespaces: readonly string[] = [...new Set(operators.map(({ namespace }) => namespace))];

const healthy = (available = ''): Readonly<Record<string, Told>> => ({
  Degraded: { status: 'False', reason: 'AsExpected', message: '' },
  Progressing: { status: 'False', reason: 'AsExpected', message: '' },
  Available: { status: 'True', reason: 'AsExpected', message: available },
  Upgradeable: { status: 'True', reason: 'AsExpected', message: '' },
});

const registry: Readonly<Record<string, Told>> = {
  ...healthy(),
  Degraded: {
    status: 'True',
    reason: 'Unavailable',
    message:
      'Degraded: the deployment image-registry has 0 of 1 replicas available: its pod is in CrashLoopBackOff since ' +
      'PersistentVolumeClaim image-registry-storage is full (no space left on device). Pushes and builds fail until ' +
      'images are pruned or the claim is grown.',
  },
  Available: {
    status: 'False',
    reason: 'NoReplicasAvailable',
    message: 'Available: the deployment does not have available replicas',
  },
};

export function plantOperators(plant: Plant): void {
  for (const [place, operator] of operators.entries()) {
    const isDegraded = operator.name === DEGRADED_OPERATOR;
    const told = isDegraded ? registry : healthy(operator.available);
    // They came up one after the other when the cluster was installed; the degraded one changed later.
    const changedAt = plant.ago(isDegraded ? 5 * hourMs : 41 * dayMs - place * 40_000);
    const { name } = operator;
    plant.put(
      clusterOperators,
      {
        metadata: { name, annotations: { 'include.release.openshift.io/self-managed-high-availability': 'true' } },
        spec: {},
        status: {
          conditions: Object.entries(told).map(([type, condition]) => ({
            type,
            ...condition,
            lastTransitionTime: changedAt,
          })),
          extension: null,
          relatedObjects: relatedTo(operator),
          versions: [{ name: 'operator', version: sampleVersion }],
        },
      },
      41 * dayMs,
    );
  }
}

function relatedTo({ name, namespace }: Operator): object[] {
  const ofNamespace = { group: '', resource: 'namespaces', name: namespace };
  if (name !== DEGRADED_OPERATOR) return [ofNamespace];
  const claim = { group: '', resource: 'persistentvolumeclaims', name: 'image-registry-storage', namespace };
  return [ofNamespace, claim, { group: 'apps', resource: 'deployments', name: 'image-registry', namespace }];
}
