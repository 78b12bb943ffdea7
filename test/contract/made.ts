import { clusterRoleBindings, namespaces, type Pod, pods } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';

// What Muster makes in a cluster, as tests look for it.

const ofReports = { labelSelector: 'muster.dev/report' };

/** Names of what reports have in the cluster now, also of what is ending. */
export async function inCluster(kube: Kube): Promise<string[]> {
  const found = await Promise.all([
    Array.fromAsync(kube.list(namespaces, ofReports)),
    Array.fromAsync(kube.list(clusterRoleBindings, ofReports)),
    Array.fromAsync(kube.list(pods, ofReports)),
  ]);
  return found.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

/** What Muster made in the cluster and has not removed; what is ending, or goes with what is ending, does not count. */
export async function leftovers(kube: Kube): Promise<string[]> {
  const [spaces, bindings] = await Promise.all([
    Array.fromAsync(kube.list(namespaces, ofReports)),
    Array.fromAsync(kube.list(clusterRoleBindings, ofReports)),
  ]);
  const all = [...spaces, ...bindings];
  const isEnding = ({ metadata }: { metadata: { deletionTimestamp?: string } }) =>
    metadata.deletionTimestamp !== undefined;
  const ending = new Set(all.filter(isEnding).map(({ metadata }) => metadata.name));
  return all.flatMap(({ kind, metadata }) => (ending.has(metadata.name) ? [] : [`${kind}/${metadata.name}`]));
}

/** Polls until nothing is left, also nothing that is still ending. */
export async function nothingLeft(kube: Kube, deadlineMs = 90_000): Promise<boolean> {
  const until = Date.now() + deadlineMs;
  while (Date.now() < until) {
    const spaces = await Array.fromAsync(kube.list(namespaces, ofReports));
    const bindings = await Array.fromAsync(kube.list(clusterRoleBindings, ofReports));
    if (spaces.length + bindings.length === 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

/** The gathers' pods, without those on their way out. */
export async function gatherPods(kube: Kube): Promise<Pod[]> {
  const found = await Array.fromAsync(kube.list(pods, { labelSelector: 'app=must-gather' }));
  return found.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}
