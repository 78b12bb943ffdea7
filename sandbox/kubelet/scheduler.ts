import { fieldAt, type Stored } from '../resource.ts';
import type { PodSpec, Requirement, SelectorTerm, Toleration } from './pod-shape.ts';

type Taint = { readonly key: string; readonly value?: string; readonly effect: string };

/** Where a pod goes, or why nowhere, in the words of the real scheduler. */
export type Placement = { readonly nodeName: string } | { readonly why: string };

/** Chooses the node with the fewest pods among those that the pod may run on. */
export function place(spec: PodSpec, nodes: readonly Stored[], podsOn: (nodeName: string) => number): Placement {
  const refusals = new Map<string, number>();
  const fitting = nodes.filter((node) => {
    const refusal = refusalOf(spec, node);
    if (refusal !== undefined) refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
    return refusal === undefined;
  });
  const [best] = fitting.map(({ metadata: { name = '' } }) => name).sort((a, b) => podsOn(a) - podsOn(b));
  if (best !== undefined) return { nodeName: best };
  const counted = [...refusals].map(([why, count]) => `${count} ${why}`).sort();
  return { why: `0/${nodes.length} nodes are available: ${counted.join(', ') || 'there is none'}.` };
}

function refusalOf(spec: PodSpec, node: Stored): string | undefined {
  const tolerations = spec.tolerations ?? [];
  const taints = taintsOf(node).filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
  const hard = taints.find(({ effect }) => effect !== 'PreferNoSchedule');
  if (hard?.key === 'node.kubernetes.io/unschedulable') return 'node(s) were unschedulable';
  if (hard !== undefined) return `node(s) had untolerated taint {${hard.key}: ${hard.value ?? ''}}`;
  if (!isSelected(spec, node)) return "node(s) didn't match Pod's node affinity/selector";
  return undefined;
}

function taintsOf(node: Stored): Taint[] {
  const taints = fieldAt(node, 'spec.taints');
  const given = Array.isArray(taints) ? (taints as Taint[]) : [];
  const cordoned = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  return fieldAt(node, 'spec.unschedulable') === true ? [cordoned, ...given] : given;
}

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (!key) return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
}

function isSelected({ nodeSelector = {}, affinity }: PodSpec, node: Stored): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => meets(term, node, labels));
}

function meets(
  { matchExpressions = [], matchFields = [] }: SelectorTerm,
  node: Stored,
  labels: Record<string, string>,
) {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const field = (key: string) => (key === 'metadata.name' ? node.metadata.name : undefined);
  return (
    matchExpressions.every((requirement) => isMet(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) => isMet(requirement, field(requirement.key)))
  );
}

function isMet({ operator, values = [] }: Requirement, actual: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual);
    case 'NotIn':
      return actual === undefined || !values.includes(actual);
    case 'Exists':
      return actual !== undefined;
    case 'DoesNotExist':
      return actual === undefined;
    case 'Gt':
      return Number(actual) > Number(values[0]);
    case 'Lt':
      return Number(actual) < Number(values[0]);
    default:
      return false;
  }
}
