import { isDeepStrictEqual } from 'node:util';
import type { Api } from '../api.ts';
import { clusterRoles } from '../kinds/cluster-role.ts';
import { clusterRoleBindings } from '../kinds/cluster-role-binding.ts';
import { roles } from '../kinds/role.ts';
import { roleBindings } from '../kinds/role-binding.ts';
import type { Objects, Target } from '../objects.ts';
import { isRecord, type Stored } from '../resource.ts';
import { forbidden, invalid, notFound } from '../status.ts';
import type { Caller } from './access.ts';
import { referredRules } from './rbac.ts';
import { type Rule, readRules, uncovered } from './rules.ts';

/** The objects as the caller may write them: nobody gives, to whomever, more rights than their own. */
export function guarded({ access, store, objects }: Api, caller: Caller): Objects {
  const judge = (target: Target, wanted: unknown) => {
    if (!isRecord(wanted)) return;
    const name = target.name || String((isRecord(wanted.metadata) ? wanted.metadata.name : undefined) ?? '');
    const current = store.get(target.resource, target.namespace, name);
    const object: Stored = { ...wanted, metadata: { name, ...namespaceOf(target) } };
    const asked = { target: { ...target, name }, object, current };
    if (target.resource === roles || target.resource === clusterRoles) judgeRole(asked);
    if (target.resource === roleBindings || target.resource === clusterRoleBindings) judgeBinding(asked);
  };

  const judgeRole = ({ target, object, current }: Asked) => {
    const isSame = (field: string) => isDeepStrictEqual(object[field], current?.[field]);
    if (current !== undefined && isSame('rules') && isSame('aggregationRule')) return;
    const isAggregated = isRecord(object.aggregationRule);
    refuseMore(target, 'escalate', target, isAggregated ? everything : readRules(object));
  };

  const judgeBinding = ({ target, object, current }: Asked) => {
    const { roleRef } = object;
    if (current !== undefined && !isDeepStrictEqual(roleRef, current.roleRef)) {
      const cause = { reason: 'FieldValueInvalid', message: 'cannot change roleRef', field: 'roleRef' };
      throw invalid(target.resource, target.name, [cause]);
    }
    if (current !== undefined && isDeepStrictEqual(object.subjects, current.subjects)) return;
    const { kind, name } = isRecord(roleRef) ? roleRef : {};
    const role = { resource: kind === 'ClusterRole' ? clusterRoles : roles, name: String(name) };
    refuseMore(target, 'bind', role, () => {
      const rules = referredRules(store, object);
      if (rules === undefined) throw notFound(role.resource, role.name);
      return rules;
    });
  };

  /** Throws a 403 for rules beyond the caller's own, unless `verb` on the role allows them. */
  const refuseMore = (
    { resource, namespace, name }: Target,
    verb: 'bind' | 'escalate',
    role: Pick<Target, 'resource' | 'name'>,
    rules: readonly Rule[] | (() => readonly Rule[]),
  ) => {
    const { group, plural } = role.resource;
    if (access.isAllowed(caller, { verb, group, resource: plural, namespace, name: role.name })) return;
    const wanted = typeof rules === 'function' ? rules() : rules;
    const beyond = uncovered(access.rulesOf(caller, namespace), wanted);
    if (beyond.length === 0) return;
    const words = beyond.slice(0, 5).map((rule) => JSON.stringify(rule));
    throw forbidden(resource, name, `${caller.username} would grant rights that are not theirs: ${words.join(', ')}`);
  };

  return {
    ...objects,
    create(target, body) {
      judge(target, body);
      return objects.create(target, body);
    },
    replace(target, wanted) {
      judge(target, wanted);
      return objects.replace(target, wanted);
    },
  };
}

type Asked = { readonly target: Target; readonly object: Stored; readonly current: Stored | undefined };

const namespaceOf = ({ namespace }: Target) => (namespace === undefined ? {} : { namespace });

const all = ['*'];
const none = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
// Whoever says which roles are gathered into one may in the end gather any.
const everything: readonly Rule[] = [
  { ...none, verbs: all, apiGroups: all, resources: all },
  { ...none, verbs: all, nonResourceURLs: all },
];
