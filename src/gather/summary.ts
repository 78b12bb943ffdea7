import { isNotFound } from '../kube/errors.ts';
import type { ClusterOperator, ClusterVersion, Condition } from '../kube/kinds.ts';
import { clusterOperators, clusterVersions } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { messageOf } from '../report/errors.ts';

/** ClusterOperators that every OpenShift has; one that lacks is worth a line (reference §2.9). */
const EXPECTED_OPERATORS = (
  'authentication cloud-credential cluster-autoscaler config-operator console dns etcd image-registry ingress insights ' +
  'kube-apiserver kube-controller-manager kube-scheduler kube-storage-version-migrator machine-api machine-approver ' +
  'machine-config marketplace monitoring network openshift-apiserver openshift-controller-manager ' +
  'operator-lifecycle-manager service-ca storage'
).split(' ');

export type ClusterSummary = {
  /** Empty where the cluster has none: plain Kubernetes. */
  readonly clusterId: string;
  /** The cluster says something of itself; plain Kubernetes does not. */
  readonly isOpenShift: boolean;
  /** What oc prints before and after a gather (reference §2.9), and what support reads first. */
  readonly lines: readonly string[];
};

/** Reads what the cluster says of its own health. What cannot be read is a line of the summary, never an error. */
export async function summarizeCluster(kube: Kube, clientVersion: string, now: Date): Promise<ClusterSummary> {
  const version = await readVersion(kube);
  const operators = await readOperators(kube);
  const clusterId = typeof version === 'object' ? (version.spec?.clusterID ?? '') : '';
  return {
    clusterId,
    isOpenShift: typeof version === 'object' || typeof operators === 'object',
    lines: [
      'When opening a support case, please include this report with the following summary.',
      `ClusterID: ${clusterId}`,
      `ClientVersion: ${clientVersion}`,
      `ClusterVersion: ${typeof version === 'string' ? version : versionText(version, now)}`,
      'ClusterOperators:',
      ...(typeof operators === 'string' ? [operators] : operatorLines(operators)).map((line) => `\t${line}`),
    ],
  };
}

async function readVersion(kube: Kube): Promise<ClusterVersion | string> {
  try {
    return await kube.get(clusterVersions, 'version');
  } catch (error) {
    return isNotFound(error)
      ? 'none: this is no OpenShift cluster'
      : `error getting cluster version: ${messageOf(error)}`;
  }
}

async function readOperators(kube: Kube): Promise<ClusterOperator[] | string> {
  try {
    return await Array.fromAsync(kube.list(clusterOperators));
  } catch (error) {
    return isNotFound(error)
      ? 'none: this is no OpenShift cluster'
      : `error getting cluster operators: ${messageOf(error)}`;
  }
}

/** One line on where an OpenShift cluster stands in its updates. */
export function versionText(version: ClusterVersion, now: Date): string {
  const history = version.status?.history ?? [];
  const [newest, before] = history;
  const age =
    newest?.startedTime === undefined ? '<unknown>' : roughAge(now.getTime() - Date.parse(newest.startedTime));
  const progressing = conditionOf(version.status?.conditions, 'Progressing')?.message ?? '<unknown>';
  const desired = version.status?.desired?.version ?? '';
  if (newest?.state === 'Completed') return `Stable at "${newest.version ?? ''}"`;
  if (history.length <= 1) return `Installing "${desired}" for ${age}: ${progressing}`;
  return `Updating to "${desired}" from "${before?.version ?? ''}" for ${age}: ${progressing}`;
}

/** A line for each operator that is not well, and for each that lacks. */
export function operatorLines(operators: readonly ClusterOperator[]): string[] {
  if (operators.length === 0) return ['clusteroperators are missing'];
  const trouble = operators.map(operatorTrouble).filter((line) => line !== undefined);
  const present = new Set(operators.map((operator) => operator.metadata.name));
  const missing = EXPECTED_OPERATORS.filter((name) => !present.has(name)).map(
    (name) => `clusteroperator/${name} is missing`,
  );
  const lines = [...trouble, ...missing];
  return lines.length === 0 ? ['All healthy and stable'] : lines;
}

/** Whether an operator works, as the cluster says: what is not told counts against it. */
export function operatorHealth({ status }: ClusterOperator): { healthy: boolean; message: string } {
  const available = conditionOf(status?.conditions, 'Available');
  const degraded = conditionOf(status?.conditions, 'Degraded');
  if (available?.status !== 'True') return { healthy: false, message: available?.message || 'It is not available.' };
  if (degraded?.status !== 'False') return { healthy: false, message: degraded?.message || 'It is degraded.' };
  return { healthy: true, message: '' };
}

function operatorTrouble(operator: ClusterOperator): string | undefined {
  const conditions = operator.status?.conditions;
  const name = `clusteroperator/${operator.metadata.name ?? ''}`;
  const text = (type: string) => conditionOf(conditions, type)?.message ?? '<missing>';
  // A condition that is not there counts against the operator, as it does for oc.
  const is = (type: string) => conditionOf(conditions, type)?.status !== 'False';
  if (conditionOf(conditions, 'Available')?.status !== 'True') {
    return `${name} is not available (${text('Available')}) because ${text('Degraded')}`;
  }
  if (is('Degraded')) return `${name} is degraded because ${text('Degraded')}`;
  if (!is('Upgradeable')) return `${name} is not upgradeable because ${text('Upgradeable')}`;
  if (is('Progressing')) return `${name} is progressing: ${text('Progressing')}`;
  return undefined;
}

function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** As kubectl prints ages: the largest unit, and the next where it still matters. */
function roughAge(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
  ] as const;
  for (const [letter, size] of units) {
    if (seconds >= 2 * size) return `${Math.floor(seconds / size)}${letter}`;
  }
  return `${seconds}s`;
}
