import { CLUSTER_COMPONENT, listOwnComponents } from '../gather/own-components.ts';
import { operatorHealth } from '../gather/summary.ts';
import { isNotFound } from '../kube/errors.ts';
import { type ClusterOperator, type ClusterVersion, clusterOperators } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import type { Component, ComponentList } from '../report/rest-components.ts';
import type { ActiveAlert, Health, IllOperator, NodeCounts, Overview } from '../report/rest-overview.ts';
import type { Alert, ReadAlerts } from './alertmanager.ts';
import { conditionOf, ifReadable, isApiReady, type Look, readDetails, readNodes } from './cluster-facts.ts';
import { heldFor } from './held.ts';

export type OverviewOptions = {
  readonly kube: Kube;
  readonly clusterName?: string | undefined;
  readonly readAlerts?: ReadAlerts | undefined;
};

/** All who look share one look, which is no older than this. */
const HELD_MS = 5000;
const READ_WITHIN_MS = 10_000;
const ALERTS_WITHIN_MS = 5000;

/** How the cluster is. What cannot be read within 10 s is a warning, never a failure. */
export function createOverview(options: OverviewOptions): () => Promise<Overview> {
  return heldFor(HELD_MS, () => readOverview(options));
}

async function readOverview({ kube, clusterName, readAlerts }: OverviewOptions): Promise<Overview> {
  const warnings: string[] = [];
  const look: Look = { kube, warnings, signal: AbortSignal.timeout(READ_WITHIN_MS) };
  const [{ details, version }, isReady, nodes, operators, own, alerts] = await Promise.all([
    readDetails(look, clusterName),
    isApiReady(look),
    readNodes(look),
    ifReadable(look, 'the ClusterOperators', () => listOperators(look)),
    ifReadable(look, 'the components', () => listOwnComponents(kube, look.signal)),
    readAlerts && ifReadable(look, 'the alerts', () => withinTime(readAlerts, look)),
  ]);
  const { provider, ...counts } = nodes ?? { ready: 0, total: 0, notReady: [] };
  const ill = illOperators(operators ?? [], own?.components ?? []);
  return {
    cluster: { ...(provider === undefined ? {} : { provider }), ...details },
    health: {
      cluster: clusterHealth(isReady, version, counts),
      operators: operatorsHealth(operators, own, ill.length),
      nodes: nodes === undefined ? { state: 'unknown' } : nodesHealth(counts),
    },
    operators: ill,
    nodes: counts,
    alerts: alerts?.map((alert) => withComponent(alert, own?.components ?? [])) ?? null,
    warnings: [...new Set([...warnings, ...(own?.warnings ?? [])])],
  };
}

/** None where the cluster has no such thing: plain Kubernetes. */
async function listOperators({ kube, signal }: Look): Promise<ClusterOperator[]> {
  try {
    return await Array.fromAsync(kube.list(clusterOperators, { signal }));
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

const withinTime = (readAlerts: ReadAlerts, { signal }: Look) =>
  readAlerts(AbortSignal.any([signal, AbortSignal.timeout(ALERTS_WITHIN_MS)]));

/** By what the API server and ClusterVersion say; operators and nodes have a line of their own. */
function clusterHealth(isReady: boolean | undefined, version: ClusterVersion | undefined, nodes: NodeCounts): Health {
  if (isReady === false) return { state: 'error', text: 'The API server is not ready.' };
  const conditions = version?.status?.conditions;
  const available = conditionOf(conditions, 'Available');
  if (available?.status === 'False') return { state: 'error', text: available.message || 'It is not available.' };
  const failing = conditionOf(conditions, 'Failing');
  if (failing?.status === 'True' && failing.reason?.startsWith('ClusterOperator') !== true) {
    return { state: 'warning', text: failing.message || 'Its update fails.' };
  }
  if (version !== undefined) return { state: 'ok' };
  if (nodes.total > 0 && nodes.ready === 0) return { state: 'error', text: 'No node is ready.' };
  return { state: isReady === undefined ? 'unknown' : 'ok' };
}

function nodesHealth({ ready, total, notReady }: NodeCounts): Health {
  if (notReady.length === 0) return { state: total === 0 ? 'unknown' : 'ok' };
  return { state: ready === 0 ? 'error' : 'warning', text: `${notReady.length} of ${total} not ready` };
}

function operatorsHealth(
  operators: readonly ClusterOperator[] | undefined,
  own: ComponentList | undefined,
  illCount: number,
): Health {
  const isDown = operators?.some(({ status }) => conditionOf(status?.conditions, 'Available')?.status !== 'True');
  if (illCount > 0) return { state: isDown ? 'error' : 'warning', text: `${illCount} not well` };
  const isKnown = operators !== undefined && own !== undefined;
  return { state: isKnown && operators.length + own.components.length > 0 ? 'ok' : 'unknown' };
}

/** ClusterOperators that are not well, then other components. Each has its own gather image, or that of the cluster. */
function illOperators(operators: readonly ClusterOperator[], components: readonly Component[]): IllOperator[] {
  const ofCluster = operators.flatMap((operator) => {
    const { healthy, message } = operatorHealth(operator);
    const name = operator.metadata.name ?? '';
    return healthy ? [] : [{ name, title: name, message, component: componentOf(name, components) }];
  });
  const others = components
    .filter(({ healthy, kind }) => !healthy && kind !== 'ClusterOperator')
    .map(({ name, title, message }) => ({ name, title, message, component: name }));
  return [...ofCluster, ...others];
}

function componentOf(operator: string, components: readonly Component[]): string {
  const isOwn = components.some(({ name, kind }) => kind === 'ClusterOperator' && name === operator);
  return isOwn ? operator : CLUSTER_COMPONENT;
}

function withComponent({ operator, ...alert }: Alert, components: readonly Component[]): ActiveAlert {
  return operator === undefined ? alert : { ...alert, component: componentOf(operator, components) };
}
