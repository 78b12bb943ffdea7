import { KubeError } from '../kube/errors.ts';
import type { Kube } from '../kube/kube.ts';
import { messageOf } from '../report/errors.ts';
import type { Inspected, InspectionOptions, Inspector } from './inspector.ts';
import { runInspection } from './run-inspection.ts';
import { resourcesOf } from './targets.ts';
import { openText } from './text-stream.ts';
import { addAll, addNamespace } from './visit.ts';

/** What the default gather image of OpenShift inspects (reference, oc §3.2). */
const openShiftNamespaces = [
  'openshift-cluster-version',
  'default',
  'openshift',
  'kube-system',
  'openshift-etcd',
  'assisted-installer',
];
const storageTypes = [
  'storageclasses',
  'persistentvolumes',
  'volumeattachments',
  'csidrivers',
  'csinodes',
  'csistoragecapacities',
  'volumesnapshotclasses',
  'volumesnapshotcontents',
  'volumegroupsnapshotclasses',
  'volumegroupsnapshotcontents',
  'volumeattributesclasses',
];
const sharedTypes = [
  'apiservices',
  'certificatesigningrequests',
  'nodes',
  'flowschemas',
  'prioritylevelconfigurations',
  'leases',
  ...storageTypes,
];
const openShiftTypes = [
  'clusterversions.config.openshift.io',
  'clusteroperators.config.openshift.io',
  'clustercsidrivers',
  'imagecontentsourcepolicies',
  'osimagestreams',
  'internalreleaseimages',
  'networks.operator.openshift.io',
  'clusterresourcequotas',
  'olm',
];
/** What else a support engineer asks for first where no operator points the way. */
const plainTypes = [
  'namespaces',
  'customresourcedefinitions',
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'mutatingadmissionpolicies',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'priorityclasses',
  'runtimeclasses',
  'ingressclasses',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'resourcequotas',
  'limitranges',
];
/** Plain Kubernetes has all its namespaces dumped, so each log is bounded: about 2 MB at 200 bytes a line. */
const plainTailLines = 10_000;

/**
 * What is dumped when nothing is named: on OpenShift what its default gather image inspects, on other Kubernetes the
 * whole cluster, every namespace with its pods and the last 10,000 lines of each log. Rotated logs are included on
 * OpenShift, as there, unless `rotatedPodLogs` is false.
 */
export async function defaultInspection(kube: Kube, options: InspectionOptions): Promise<Inspected> {
  const isOpenShift = await servesOpenShift(kube, options.signal);
  const rotatedPodLogs = options.rotatedPodLogs ?? isOpenShift;
  return runInspection(
    kube,
    { ...options, rotatedPodLogs },
    {
      begin: isOpenShift ? beginOpenShift : beginPlain,
      tailLines: isOpenShift ? undefined : plainTailLines,
    },
  );
}

/**
 * What is dumped when the gathers brought nothing (reference, oc §2.11): the cluster's version and operators, and the
 * namespace of what keeps them; on other Kubernetes its nodes and `kube-system`.
 */
export async function fallbackInspection(kube: Kube, options: InspectionOptions): Promise<Inspected> {
  const isOpenShift = await servesOpenShift(kube, options.signal);
  const types = isOpenShift
    ? ['clusterversions.config.openshift.io', 'clusteroperators.config.openshift.io']
    : ['nodes'];
  return runInspection(kube, options, {
    begin: (inspector) => {
      addServed(inspector, types);
      addNamespace(inspector, isOpenShift ? 'openshift-cluster-version' : 'kube-system');
    },
  });
}

function beginOpenShift(inspector: Inspector): void {
  addServed(inspector, [...openShiftTypes, ...sharedTypes]);
  for (const name of openShiftNamespaces) addNamespace(inspector, name, true);
}

function beginPlain(inspector: Inspector): void {
  addServed(inspector, [...sharedTypes, ...plainTypes]);
  for (const probe of ['livez', 'readyz']) addProbe(inspector, probe);
}

/** In all namespaces, what of these the cluster serves. */
function addServed(inspector: Inspector, types: readonly string[]): void {
  for (const type of types) {
    for (const resource of resourcesOf(inspector.discovery, type)) addAll(inspector, resource);
  }
}

/** How the API server judges its own health, check by check: `health/readyz.txt`. What failed is in its refusal. */
function addProbe({ pool, kube, tree, signal }: Inspector, probe: string): void {
  pool.add(async () => {
    const path = `health/${probe}.txt`;
    try {
      await tree.write(path, await openText(kube, `/${probe}`, [['verbose', '']], signal));
    } catch (error) {
      const checks = error instanceof KubeError ? error.answer : undefined;
      await tree.write(path, [checks ?? `${messageOf(error)}\n`]);
      const failed = checks?.split('\n').filter((line) => line.startsWith('[-]')) ?? [];
      if (failed.length === 0) throw error;
      throw new Error(`${probe}: ${failed.join('; ')}; see ${path}`, { cause: error });
    }
  });
}

async function servesOpenShift(kube: Kube, signal?: AbortSignal): Promise<boolean> {
  const { groups } = await kube.json<{ groups?: { name: string }[] }>('/apis', { signal });
  return (groups ?? []).some(({ name }) => name === 'config.openshift.io');
}
