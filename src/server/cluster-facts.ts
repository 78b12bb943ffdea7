import { text } from 'node:stream/consumers';
import { isNotFound } from '../kube/errors.ts';
import {
  type ClusterVersion,
  type Condition,
  clusterVersions,
  type Infrastructure,
  infrastructures,
  type Node,
  namespaces,
  nodes,
} from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { messageOf } from '../report/errors.ts';
import type { ClusterDetails, NodeCounts } from '../report/rest-overview.ts';

/** One look at a cluster: what cannot be read is undefined, and a line of `warnings` unless the cluster has no such thing. */
export type Look = { readonly kube: Kube; readonly warnings: string[]; readonly signal: AbortSignal };

/** What `ask` comes to, as far as it can be read. */
export async function ifReadable<T>(look: Look, what: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const why = look.signal.aborted ? 'the cluster took too long' : messageOf(error);
    if (!isNotFound(error)) look.warnings.push(`could not read ${what}: ${why}`);
    return undefined;
  }
}

export async function readDetails(
  look: Look,
  clusterName: string | undefined,
): Promise<{ details: ClusterDetails; version: ClusterVersion | undefined }> {
  const { kube, signal } = look;
  const [version, infrastructure, system, kubernetes] = await Promise.all([
    ifReadable(look, 'the ClusterVersion', () => kube.get(clusterVersions, 'version', { signal })),
    ifReadable(look, 'the Infrastructure', () => kube.get(infrastructures, 'cluster', { signal })),
    ifReadable(look, 'namespace kube-system', () => kube.get(namespaces, 'kube-system', { signal })),
    ifReadable(look, 'the version', () => kube.json<{ gitVersion?: string }>('/version', { signal })),
  ]);
  const apiServer = infrastructure?.status?.apiServerURL ?? kube.server;
  const details = withoutEmpty({
    id: version?.spec?.clusterID ?? system?.metadata.uid,
    name: clusterName ?? infrastructure?.status?.infrastructureName ?? new URL(apiServer).host,
    version: versionOf(version),
    kubernetesVersion: kubernetes?.gitVersion ?? '',
    provider: providerOf(infrastructure),
    apiServer,
  });
  return { details, version };
}

const versionOf = (version: ClusterVersion | undefined) =>
  version?.status?.history?.find(({ state }) => state === 'Completed')?.version ?? version?.status?.desired?.version;

const providerOf = (infrastructure: Infrastructure | undefined) =>
  infrastructure?.status?.platformStatus?.type ?? infrastructure?.status?.platform;

/** Whether the API server says that it is ready; undefined where it says nothing of that. */
export async function isApiReady({ kube, signal, warnings }: Look): Promise<boolean | undefined> {
  try {
    const { body } = await kube.stream('/readyz', { signal });
    await text(body);
    return true;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    warnings.push(`the API server does not say that it is ready: ${messageOf(error)}`);
    return false;
  }
}

/** A page at a time: nodes are large, and only their names are kept. */
const NODES_A_PAGE = 50;

export async function readNodes(look: Look): Promise<(NodeCounts & { readonly provider?: string }) | undefined> {
  return await ifReadable(look, 'the nodes', async () => {
    const notReady: string[] = [];
    let total = 0;
    let provider: string | undefined;
    for await (const node of look.kube.list(nodes, { signal: look.signal, pageSize: NODES_A_PAGE })) {
      total += 1;
      provider ??= node.spec?.providerID?.split('://')[0];
      if (!isReady(node)) notReady.push(node.metadata.name ?? '');
    }
    return withoutEmpty({ ready: total - notReady.length, total, notReady, provider });
  });
}

const isReady = ({ status }: Node) => conditionOf(status?.conditions, 'Ready')?.status === 'True';

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Without the keys that have no value. */
function withoutEmpty<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const told = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(told) as { [K in keyof T]: Exclude<T[K], undefined> };
}
