import { isNotFound } from '../kube/errors.ts';
import {
  type ClusterOperator,
  type ClusterServiceVersion,
  type ConfigMap,
  clusterOperators,
  clusterServiceVersions,
  configMaps,
  type DaemonSet,
  type Deployment,
  daemonSets,
  deployments,
  type KubeObject,
} from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { messageOf } from '../report/errors.ts';
import { parseImageReference } from '../report/image-reference.ts';
import { parseDnsLabel, parseDnsSubdomain } from '../report/names.ts';
import { quoted } from '../report/refusal.ts';
import type { Component, ComponentList } from '../report/rest-components.ts';
import { operatorHealth } from './summary.ts';

// What a person picks beside the cluster itself: whatever of the cluster names a gather image of its own.

/** With it an operator names the gather image that knows it (on ClusterServiceVersions and ClusterOperators). */
export const GATHER_IMAGE_ANNOTATION = 'operators.openshift.io/must-gather-image';
/** The component that is the cluster itself. */
export const CLUSTER_COMPONENT = 'cluster';
const COMPONENT_LABEL = 'muster.dev/component';
/**
 * The one namespace whose ConfigMaps count: a gather image runs as cluster-admin, so whoever may write a ConfigMap just
 * anywhere must not be able to name one.
 */
const COMPONENTS_NAMESPACE = 'muster';

export type Health = Pick<Component, 'healthy' | 'message'>;

/**
 * The components that name a gather image: operators by annotation, and ConfigMaps of namespace `muster` with the label
 * `muster.dev/component`. Sorted by kind and name, each name once. A list that cannot be read is a warning; a kind that the
 * cluster does not have is none.
 */
export async function listOwnComponents(kube: Kube, signal: AbortSignal): Promise<ComponentList> {
  const warnings: string[] = [];
  const lists = await Promise.all([
    readList('clusterserviceversions', fromServiceVersions(kube, signal), warnings, signal),
    readList('clusteroperators', fromOperators(kube, signal), warnings, signal),
    readList('configmaps', fromConfigMaps(kube, warnings, signal), warnings, signal),
  ]);
  const components = new Map<string, Component>();
  for (const component of lists.flatMap((list) => list.sort(byName))) {
    const { name, kind } = component;
    const known = name === CLUSTER_COMPONENT ? 'Cluster' : components.get(name)?.kind;
    if (known === undefined) components.set(name, component);
    else warnings.push(`${kind} "${name}" is left out: a component of kind ${known} has its name`);
  }
  return { components: [...components.values()], warnings };
}

const byName = (one: Component, other: Component) =>
  one.name < other.name ? -1 : one.name > other.name ? 1 : Number(other.healthy) - Number(one.healthy);

async function readList(
  plural: string,
  components: AsyncIterable<Component>,
  warnings: string[],
  signal: AbortSignal,
): Promise<Component[]> {
  const found: Component[] = [];
  try {
    for await (const component of components) found.push(component);
  } catch (error) {
    signal.throwIfAborted();
    if (!isNotFound(error)) warnings.push(`could not list ${plural}: ${messageOf(error)}`);
  }
  return found;
}

const imageNamedBy = ({ metadata }: KubeObject) => metadata.annotations?.[GATHER_IMAGE_ANNOTATION] ?? '';

async function* fromServiceVersions(kube: Kube, signal: AbortSignal): AsyncGenerator<Component> {
  const seen = new Map<string, Component>();
  // OLM copies those that watch all namespaces into each of them: thousands, of 100 KB each, in a large cluster.
  for await (const version of kube.list(clusterServiceVersions, { labelSelector: '!olm.copiedFrom', signal })) {
    if (imageNamedBy(version) === '') continue;
    const component = serviceVersionComponent(version);
    // During an upgrade the old and the new one are there: the one that works speaks for both.
    if (seen.get(component.name)?.healthy !== true) seen.set(component.name, component);
  }
  yield* seen.values();
}

/** `odf-operator.v4.22.0` is component `odf-operator`: its name outlives an upgrade. */
function serviceVersionComponent(object: ClusterServiceVersion): Component {
  const { metadata, spec = {}, status = {} } = object;
  const name = (metadata.name ?? '').replace(/\.v\d.*$/, '');
  const healthy = status.phase === 'Succeeded';
  return {
    name,
    title: [spec.displayName ?? name, spec.version ?? ''].join(' ').trim(),
    kind: 'ClusterServiceVersion',
    image: imageNamedBy(object),
    healthy,
    message: healthy ? '' : [status.phase ?? 'Unknown', status.message].filter(Boolean).join(': '),
  };
}

async function* fromOperators(kube: Kube, signal: AbortSignal): AsyncGenerator<Component> {
  for await (const operator of kube.list(clusterOperators, { signal })) {
    const image = imageNamedBy(operator);
    if (image !== '') yield operatorComponent(operator, image);
  }
}

function operatorComponent(operator: ClusterOperator, image: string): Component {
  const name = operator.metadata.name ?? '';
  return { name, title: name, kind: 'ClusterOperator', image, ...operatorHealth(operator) };
}

async function* fromConfigMaps(kube: Kube, warnings: string[], signal: AbortSignal): AsyncGenerator<Component> {
  const options = { namespace: COMPONENTS_NAMESPACE, labelSelector: COMPONENT_LABEL, signal };
  for await (const map of kube.list(configMaps, options)) {
    try {
      yield await configMapComponent(kube, map, signal);
    } catch (error) {
      signal.throwIfAborted();
      warnings.push(`ConfigMap ${COMPONENTS_NAMESPACE}/${map.metadata.name} is left out: ${messageOf(error)}`);
    }
  }
}

async function configMapComponent(kube: Kube, { metadata, data = {} }: ConfigMap, signal: AbortSignal) {
  const name = parseDnsSubdomain(data.name ?? metadata.name ?? '', 'name');
  const image = data.image ?? '';
  parseImageReference(image, 'image');
  const health =
    data.workload === undefined ? { healthy: true, message: '' } : await workloadHealth(kube, data.workload, signal);
  return { name, title: data.title ?? name, kind: 'ConfigMap', image, ...health } as const;
}

/** Whether a workload, `namespace/deployment/name` or `namespace/daemonset/name`, has all of its pods. */
async function workloadHealth(kube: Kube, reference: string, signal: AbortSignal): Promise<Health> {
  const [namespace = '', kind = '', name = '', ...more] = reference.split('/');
  if (more.length > 0 || !['deployment', 'daemonset'].includes(kind.toLowerCase())) {
    throw new Error(`workload: ${quoted(reference)}: expected namespace/deployment/name or namespace/daemonset/name`);
  }
  parseDnsLabel(namespace, 'workload');
  parseDnsSubdomain(name, 'workload');
  try {
    const scope = { namespace, signal };
    const counts =
      kind.toLowerCase() === 'deployment'
        ? ofDeployment(await kube.get(deployments, name, scope))
        : ofDaemonSet(await kube.get(daemonSets, name, scope));
    const { wanted, available } = counts;
    const healthy = available >= wanted;
    return { healthy, message: healthy ? '' : `${reference}: ${available} of ${wanted} pods are available` };
  } catch (error) {
    signal.throwIfAborted();
    return { healthy: false, message: `${reference}: ${isNotFound(error) ? 'it is not there' : messageOf(error)}` };
  }
}

type Counts = { readonly wanted: number; readonly available: number };

const ofDeployment = ({ spec, status }: Deployment): Counts => ({
  wanted: spec?.replicas ?? 1,
  available: status?.availableReplicas ?? 0,
});

const ofDaemonSet = ({ status }: DaemonSet): Counts => ({
  wanted: status?.desiredNumberScheduled ?? 0,
  available: status?.numberAvailable ?? 0,
});
