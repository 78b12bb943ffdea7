import type { ClusterRoleBinding, Namespace } from '../kube/kinds.ts';

/** Stands on everything that Muster makes for a report, so that a sweep finds what a crash left. */
export const REPORT_LABEL = 'muster.dev/report';
/** Who runs the gather: `muster gather` processes sweep only what other such processes left. */
export const RUN_BY_LABEL = 'muster.dev/run-by';
/** Which process made it, to see whether it still lives (`leftovers.ts`). */
export const PROCESS_ANNOTATION = 'muster.dev/process';
/** RFC 3339: from then on nobody can be using it, whoever made it. */
export const ABANDONED_AFTER_ANNOTATION = 'muster.dev/abandoned-after';
const COMMAND_ANNOTATION = 'oc.openshift.io/command';

export type RunMarks = { readonly labels: Record<string, string>; readonly annotations: Record<string, string> };

/**
 * A report's own namespace, labelled as oc's is (reference §2.2): gathers may be privileged there, whatever the
 * cluster's defaults, and a project's default node selector does not bind them.
 */
export function gatherNamespace(marks: RunMarks, name?: string): Namespace {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      ...(name === undefined ? { generateName: 'openshift-must-gather-' } : { name }),
      labels: {
        'openshift.io/run-level': '0',
        'pod-security.kubernetes.io/enforce': 'privileged',
        'pod-security.kubernetes.io/audit': 'privileged',
        'pod-security.kubernetes.io/warn': 'privileged',
        'security.openshift.io/scc.podSecurityLabelSync': 'false',
        ...marks.labels,
      },
      annotations: { [COMMAND_ANNOTATION]: 'muster gather', 'openshift.io/node-selector': '', ...marks.annotations },
    },
  };
}

/**
 * Lets the gathers of `namespace` read the whole cluster. The owner reference makes the cluster itself remove the
 * binding with the namespace where nobody else does (and where a webhook forbids to delete bindings by hand: oc#1755).
 */
export function gatherBinding(namespace: Namespace, marks: RunMarks, ownName?: string): ClusterRoleBinding {
  const { name = '', uid = '' } = namespace.metadata;
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: {
      ...(ownName === undefined ? { generateName: 'must-gather-' } : { name: ownName }),
      labels: { ...marks.labels },
      annotations: { [COMMAND_ANNOTATION]: 'muster gather', ...marks.annotations },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name, uid }],
    },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: name }],
  };
}
