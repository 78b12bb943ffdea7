import { isNotFound } from '../kube/errors.ts';
import { clusterOperators, clusterVersions, nodes } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { messageOf } from '../report/errors.ts';
import type { Component, ComponentList } from '../report/rest-components.ts';
import { type UsualImages, usualImage } from './images.ts';
import { CLUSTER_COMPONENT, type Health, listOwnComponents } from './own-components.ts';
import { BUILT_IN } from './plan.ts';
import { operatorHealth } from './summary.ts';

/** What a person picks for a report: the cluster itself first, then whatever names a gather image of its own. */
export async function listComponents(
  kube: Kube,
  signal: AbortSignal,
  usualImages: UsualImages = {},
): Promise<ComponentList> {
  const warnings: string[] = [];
  const [cluster, own] = await Promise.all([
    clusterComponent(kube, usualImages, warnings, signal),
    listOwnComponents(kube, signal),
  ]);
  return { components: [cluster, ...own.components], warnings: [...warnings, ...own.warnings] };
}

async function clusterComponent(
  kube: Kube,
  { configured, own }: UsualImages,
  warnings: string[],
  signal: AbortSignal,
): Promise<Component> {
  const [image, version, health] = await Promise.all([
    configured ?? usualImage(kube, warnings, signal),
    clusterVersion(kube, warnings, signal),
    clusterHealth(kube, signal),
  ]);
  const title = version === '' ? 'Cluster' : `Cluster (${version})`;
  return { name: CLUSTER_COMPONENT, title, kind: 'Cluster', image: image ?? own ?? BUILT_IN, ...health };
}

/** `OpenShift 4.22.1`, else `Kubernetes v1.36.2`; empty where it cannot be told. */
async function clusterVersion(kube: Kube, warnings: string[], signal: AbortSignal): Promise<string> {
  try {
    const { status } = await kube.get(clusterVersions, 'version', { signal });
    const version = status?.history?.find(({ state }) => state === 'Completed')?.version ?? status?.desired?.version;
    if (version !== undefined) return `OpenShift ${version}`;
  } catch (error) {
    signal.throwIfAborted();
    if (!isNotFound(error)) warnings.push(`could not read the cluster's version: ${messageOf(error)}`);
  }
  try {
    const { gitVersion } = await kube.json<{ gitVersion?: string }>('/version', { signal });
    return gitVersion === undefined ? '' : `Kubernetes ${gitVersion}`;
  } catch (error) {
    signal.throwIfAborted();
    warnings.push(`could not read the cluster's version: ${messageOf(error)}`);
    return '';
  }
}

/** By its ClusterOperators; where it has none, by its nodes. What cannot be told is not healthy, and says so. */
async function clusterHealth(kube: Kube, signal: AbortSignal): Promise<Health> {
  try {
    const ill: string[] = [];
    const operators = await Array.fromAsync(kube.list(clusterOperators, { signal })).catch((error: unknown) => {
      if (isNotFound(error)) return [];
      throw error;
    });
    for (const operator of operators) {
      if (!operatorHealth(operator).healthy) ill.push(`operator ${operator.metadata.name} is not well`);
    }
    if (operators.length === 0) {
      for await (const { metadata, status } of kube.list(nodes, { signal })) {
        const isReady = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
        if (isReady !== true) ill.push(`node ${metadata.name} is not ready`);
      }
    }
    return { healthy: ill.length === 0, message: fewOf(ill) };
  } catch (error) {
    signal.throwIfAborted();
    return { healthy: false, message: `it cannot be told: ${messageOf(error)}` };
  }
}

const MOST_NAMED = 5;

function fewOf(lines: readonly string[]): string {
  const more = lines.length - MOST_NAMED;
  return [...lines.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
