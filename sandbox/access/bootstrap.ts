import { clusterRoles } from '../kinds/cluster-role.ts';
import { clusterRoleBindings } from '../kinds/cluster-role-binding.ts';
import type { Objects } from '../objects.ts';
import type { Rule } from './rules.ts';

type Draft = {
  readonly name: string;
  readonly rules: readonly Partial<Rule>[];
  readonly labels?: Readonly<Record<string, string>>;
  /** The role gathers the rules of all roles that are labelled so. */
  readonly gathers?: string;
  /** Groups that are bound to it. */
  readonly groups?: readonly string[];
};

const reading = ['get', 'list', 'watch'];
const writing = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const gatheredBy = (role: string) => `rbac.authorization.k8s.io/aggregate-to-${role}`;
const labelled = (role: string) => ({ [gatheredBy(role)]: 'true' });
const on = (group: string, resources: readonly string[], verbs: readonly string[]): Partial<Rule> => ({
  verbs,
  apiGroups: [group],
  resources,
});

const everybody = 'system:authenticated';
const reviews = 'authorization.k8s.io';
const rbac = 'rbac.authorization.k8s.io';
const basics = ['configmaps', 'endpoints', 'persistentvolumeclaims', 'pods', 'serviceaccounts', 'services'];
const workloads = ['daemonsets', 'deployments', 'replicasets', 'statefulsets'];
const publicPaths = ['/healthz', '/livez', '/readyz', '/version', '/version/'];

// What the real one makes at its first start, as far as it is about what the sandbox serves.
const drafts: readonly Draft[] = [
  {
    name: 'cluster-admin',
    rules: [on('*', ['*'], ['*']), { verbs: ['*'], nonResourceURLs: ['*'] }],
    groups: ['system:masters'],
  },
  {
    name: 'system:discovery',
    rules: [
      {
        verbs: ['get'],
        nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', ...publicPaths],
      },
    ],
    groups: [everybody],
  },
  {
    name: 'system:basic-user',
    rules: [
      on(reviews, ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
      on('authentication.k8s.io', ['selfsubjectreviews'], ['create']),
    ],
    groups: [everybody],
  },
  {
    name: 'system:public-info-viewer',
    rules: [{ verbs: ['get'], nonResourceURLs: publicPaths }],
    groups: [everybody, 'system:unauthenticated'],
  },
  {
    name: 'system:auth-delegator',
    rules: [
      on('authentication.k8s.io', ['tokenreviews'], ['create']),
      on(reviews, ['subjectaccessreviews'], ['create']),
    ],
  },
  { name: 'view', rules: [], gathers: 'view', labels: labelled('edit') },
  { name: 'edit', rules: [], gathers: 'edit', labels: labelled('admin') },
  { name: 'admin', rules: [], gathers: 'admin' },
  {
    name: 'system:aggregate-to-view',
    labels: labelled('view'),
    rules: [
      on('', [...basics, 'bindings', 'events', 'limitranges', 'namespaces', 'pods/log', 'pods/status'], reading),
      on('', ['resourcequotas', 'services/status', 'persistentvolumeclaims/status', 'namespaces/status'], reading),
      on('apps', [...workloads, 'deployments/scale', 'deployments/status'], reading),
      on('batch', ['cronjobs', 'jobs'], reading),
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    labels: labelled('edit'),
    rules: [
      on('', ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'], reading),
      on('', ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'], writing),
      on('', ['serviceaccounts'], ['impersonate']),
      on('', ['events', ...basics], writing),
      on('', ['pods/eviction', 'serviceaccounts/token'], ['create']),
      on('apps', [...workloads, 'deployments/rollback', 'deployments/scale'], writing),
      on('batch', ['cronjobs', 'jobs'], writing),
      on('coordination.k8s.io', ['leases'], [...reading, ...writing]),
    ],
  },
  {
    name: 'system:aggregate-to-admin',
    labels: labelled('admin'),
    rules: [
      on(reviews, ['localsubjectaccessreviews'], ['create']),
      on(rbac, ['rolebindings', 'roles'], [...reading, ...writing]),
    ],
  },
];

/** Makes the roles and bindings that every cluster has. */
export function makeBootstrapRoles(objects: Pick<Objects, 'create'>): void {
  for (const { name, rules, labels, gathers, groups = [] } of drafts) {
    const metadata = {
      name,
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
    };
    const aggregationRule =
      gathers === undefined
        ? {}
        : { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [gatheredBy(gathers)]: 'true' } }] } };
    const create = (resource: typeof clusterRoles, fields: object) =>
      objects.create({ resource, namespace: undefined, name: '' }, { metadata, ...fields });
    create(clusterRoles, { rules, ...aggregationRule });
    if (groups.length === 0) continue;
    const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name };
    create(clusterRoleBindings, {
      roleRef,
      subjects: groups.map((group) => ({ apiGroup: rbac, kind: 'Group', name: group })),
    });
  }
}
