import type { Node } from '../kube/kinds.ts';

/** How many nodes a gather may be placed on: oc offers the scheduler ten. */
const MOST_CANDIDATES = 10;

const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane';
const LOST_TAINTS = new Set(['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready']);

export type Placement = {
  /** Names of the nodes that a gather may run on, best first. Empty: the scheduler decides. */
  readonly candidates: readonly string[];
  /** The candidates are control-plane nodes. */
  readonly controlPlane: boolean;
};

/**
 * The nodes that suit a gather, as `oc adm must-gather` chooses them (reference §2.4): ready, schedulable control-plane
 * nodes, else any control-plane node; in a cluster that shows none (hosted control planes) ready workers, then ready
 * but cordoned nodes, then the rest. Newest heartbeat first.
 */
export function chooseNodes(nodes: readonly Node[]): Placement {
  const controlPlane = nodes.filter(isControlPlane);
  const wishes =
    controlPlane.length > 0
      ? [controlPlane.filter(isSchedulable), controlPlane]
      : [nodes.filter(isSchedulable), nodes.filter(isReady), nodes];
  const chosen = wishes.find((wish) => wish.length > 0) ?? [];
  return { candidates: newestFirst(chosen), controlPlane: controlPlane.length > 0 };
}

function isControlPlane(node: Node): boolean {
  return node.metadata.labels?.[CONTROL_PLANE_LABEL] !== undefined;
}

function isReady(node: Node): boolean {
  const lost = node.spec?.taints?.some((taint) => LOST_TAINTS.has(taint.key)) ?? false;
  return !lost && readyCondition(node)?.status === 'True';
}

function isSchedulable(node: Node): boolean {
  return isReady(node) && node.spec?.unschedulable !== true;
}

function readyCondition(node: Node) {
  return node.status?.conditions?.find((condition) => condition.type === 'Ready');
}

function newestFirst(nodes: readonly Node[]): string[] {
  const heartbeat = (node: Node) => readyCondition(node)?.lastHeartbeatTime ?? '';
  return [...nodes]
    .sort((a, b) => heartbeat(b).localeCompare(heartbeat(a)) || nameOf(a).localeCompare(nameOf(b)))
    .slice(0, MOST_CANDIDATES)
    .map(nameOf);
}

function nameOf(node: Node): string {
  return node.metadata.name ?? '';
}
