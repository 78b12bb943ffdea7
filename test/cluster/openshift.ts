import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { image, kubectl } from './muster.ts';

const crds = join(import.meta.dirname, 'crds');
const GATHER_IMAGE = 'operators.openshift.io/must-gather-image';

export const CLUSTER_ID = '11111111-2222-3333-4444-a1b2c3d4e5f6';

// Only what carries it is ever removed: a real OpenShift has the same kinds.
const LABEL = 'muster.dev/test=pretend-openshift';

/**
 * Makes a plain cluster look like OpenShift, as far as a must-gather looks: with its CRDs, and with objects. Throws on
 * a cluster that has OpenShift's kinds already.
 */
export async function pretendOpenShift(): Promise<void> {
  await beKubernetesAgain(); // what a killed run left
  const served = await kubectl('api-versions');
  if (/(config|image)\.openshift\.io/.test(served)) throw new Error('this suite is not for a real OpenShift cluster');
  await kubectl('create', '-f', crds);
  await kubectl('wait', '--for=condition=Established', '--timeout=60s', '-f', crds);
  apply(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'openshift', labels: Object.fromEntries([LABEL.split('=')]) },
    },
    clusterVersion('Completed'),
    ...EXPECTED.map((name) => clusterOperator(name)),
    clusterOperator('storage', {
      conditions: [condition('Degraded', 'True', 'two disks are gone')],
      annotations: { [GATHER_IMAGE]: image('lonetar') },
    }),
    serviceVersion('virt-operator', { [GATHER_IMAGE]: image('eventlist') }),
    serviceVersion('same-as-default', { [GATHER_IMAGE]: image('good') }),
    serviceVersion('plain-operator', {}),
    imageStream(),
  );
}

/** Removes all of it, and waits until it is gone: other suites expect a plain cluster. */
export async function beKubernetesAgain(): Promise<void> {
  await kubectl('delete', 'crd,namespaces', '-l', LABEL, '--timeout=90s');
}

/** Removes one of the kinds, as where OLM is not installed. */
export async function withoutServiceVersions(): Promise<void> {
  await kubectl('delete', '-f', join(crds, 'clusterserviceversions.yaml'), '--timeout=90s');
}

/** `Completed`: stable; `Partial`: on the way from 4.21.9 to 4.22.1. */
export function setClusterVersion(state: 'Completed' | 'Partial'): void {
  apply(clusterVersion(state));
}

// All that OpenShift has but two, and `storage`, which has trouble.
const EXPECTED = (
  'authentication cloud-credential cluster-autoscaler config-operator console etcd image-registry ingress insights ' +
  'kube-apiserver kube-controller-manager kube-scheduler kube-storage-version-migrator machine-api machine-approver ' +
  'machine-config marketplace monitoring openshift-apiserver openshift-controller-manager ' +
  'operator-lifecycle-manager service-ca'
).split(' ');

function apply(...objects: unknown[]): void {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  execFileSync('kubectl', ['apply', '-f', '-'], { input, stdio: ['pipe', 'pipe', 'pipe'] });
}

type Condition = { type: string; status: string; message: string };

function condition(type: string, status: string, message = ''): Condition {
  return { type, status, message };
}

function clusterVersion(state: 'Completed' | 'Partial') {
  const history = [{ state, version: '4.22.1', startedTime: '2026-11-01T00:00:00Z' }];
  return {
    apiVersion: 'config.openshift.io/v1',
    kind: 'ClusterVersion',
    metadata: { name: 'version' },
    spec: { clusterID: CLUSTER_ID },
    status: {
      desired: { version: '4.22.1' },
      history:
        state === 'Completed'
          ? history
          : [...history, { state: 'Completed', version: '4.21.9', startedTime: '2026-01-01T00:00:00Z' }],
      conditions: [condition('Progressing', 'True', 'Working towards 4.22.1: 30% complete')],
    },
  };
}

function clusterOperator(
  name: string,
  { conditions = [], annotations = {} }: { conditions?: Condition[]; annotations?: Record<string, string> } = {},
) {
  const told = new Set(conditions.map(({ type }) => type));
  const healthy = [
    condition('Available', 'True'),
    condition('Degraded', 'False'),
    condition('Progressing', 'False'),
    condition('Upgradeable', 'True'),
  ];
  return {
    apiVersion: 'config.openshift.io/v1',
    kind: 'ClusterOperator',
    metadata: { name, annotations },
    status: { conditions: [...conditions, ...healthy.filter(({ type }) => !told.has(type))] },
  };
}

function serviceVersion(name: string, annotations: Record<string, string>) {
  return {
    apiVersion: 'operators.coreos.com/v1alpha1',
    kind: 'ClusterServiceVersion',
    metadata: { name, namespace: 'openshift', annotations },
  };
}

/** `latest` is imported, `other` too; `pending` never was. */
function imageStream() {
  return {
    apiVersion: 'image.openshift.io/v1',
    kind: 'ImageStream',
    metadata: { name: 'must-gather', namespace: 'openshift' },
    spec: { tags: [{ name: 'latest', from: { kind: 'DockerImage', name: image('absent') } }] },
    status: {
      tags: [
        { tag: 'latest', items: [{ dockerImageReference: image('good') }, { dockerImageReference: image('absent') }] },
        { tag: 'other', items: [{ dockerImageReference: image('lonetar') }] },
        { tag: 'pending', items: null },
      ],
    },
  };
}
