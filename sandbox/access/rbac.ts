import { clusterRoles } from '../kinds/cluster-role.ts';
import { clusterRoleBindings } from '../kinds/cluster-role-binding.ts';
import { roles } from '../kinds/role.ts';
import { roleBindings } from '../kinds/role-binding.ts';
import { isRecord, type Stored } from '../resource.ts';
import type { Store } from '../store.ts';
import type { Caller } from './access.ts';
import { type Rule, readRules } from './rules.ts';

/** All rules that bindings give the caller: those of the whole cluster and, where one is named, of a namespace. */
export function boundRules(store: Store, caller: Caller, namespace: string | undefined): Rule[] {
  const wide = store.snapshot(clusterRoleBindings).map(([, binding]) => binding);
  const narrow = store.snapshot(roleBindings).map(([, binding]) => binding);
  const bindings = [...wide, ...narrow.filter((binding) => binding.metadata.namespace === namespace)];
  return bindings.filter((binding) => isFor(binding, caller)).flatMap((binding) => referredRules(store, binding) ?? []);
}

/** The rules of the role that a binding refers to; `undefined` when there is no such role. */
export function referredRules(store: Store, { metadata, roleRef }: Stored): Rule[] | undefined {
  const { kind, name } = isRecord(roleRef) ? roleRef : {};
  const isWide = kind === 'ClusterRole';
  const role = isWide
    ? store.get(clusterRoles, undefined, String(name))
    : store.get(roles, metadata.namespace, String(name));
  return role === undefined ? undefined : readRules(role);
}

function isFor({ metadata, subjects }: Stored, { username, groups }: Caller): boolean {
  return (Array.isArray(subjects) ? subjects : []).filter(isRecord).some(({ kind, name, namespace }) => {
    if (kind === 'User') return name === username;
    if (kind === 'Group') return groups.includes(String(name));
    const home = namespace ?? metadata.namespace;
    return kind === 'ServiceAccount' && home !== undefined && username === accountName(String(home), String(name));
  });
}

/** The user name of a service account. */
export const accountName = (namespace: string, name: string) => `system:serviceaccount:${namespace}:${name}`;

/** The groups of the service accounts of a namespace. */
export const accountGroups = (namespace: string) => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
  'system:authenticated',
];
