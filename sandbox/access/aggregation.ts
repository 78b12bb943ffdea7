import { isDeepStrictEqual } from 'node:util';
import type { Api } from '../api.ts';
import { clusterRoles } from '../kinds/cluster-role.ts';
import { fieldAt, isRecord, type Stored } from '../resource.ts';

type World = Pick<Api, 'store' | 'objects'>;

/**
 * Fills in the rules of ClusterRoles that gather those of others by label, once now and after every change of one, as
 * the real controller does. Selectors by expressions gather nothing. Returns what ends it.
 */
export function followAggregation(world: World): () => void {
  let timer: NodeJS.Immediate | undefined;
  aggregate(world);
  const unsubscribe = world.store.subscribe(({ resource }) => {
    if (resource !== clusterRoles || timer !== undefined) return;
    timer = setImmediate(() => {
      timer = undefined;
      aggregate(world);
    });
  });
  return () => {
    unsubscribe();
    clearImmediate(timer);
  };
}

/** Until nothing changes any more: a role that is gathered may gather others. */
function aggregate({ store, objects }: World): void {
  for (let rounds = 0; rounds < 10; rounds++) {
    const roles = store.snapshot(clusterRoles).map(([, role]) => role);
    const stale = roles.flatMap((role) => {
      const rules = gathered(role, roles);
      return rules === undefined || isDeepStrictEqual(rules, role.rules ?? []) ? [] : [{ role, rules }];
    });
    for (const { role, rules } of stale) {
      objects.replace(
        { resource: clusterRoles, namespace: undefined, name: role.metadata.name ?? '' },
        { ...role, rules },
      );
    }
    if (stale.length === 0) return;
  }
}

/** What the role gathers now; `undefined` for one that gathers nothing. */
function gathered(role: Stored, roles: readonly Stored[]): unknown[] | undefined {
  const selectors = fieldAt(role, 'aggregationRule.clusterRoleSelectors');
  if (!Array.isArray(selectors)) return undefined;
  const rules: unknown[] = [];
  for (const other of roles) {
    if (other.metadata.name === role.metadata.name || !selectors.some((selector) => isSelected(other, selector)))
      continue;
    for (const rule of Array.isArray(other.rules) ? other.rules : []) {
      if (!rules.some((known) => isDeepStrictEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}

function isSelected({ metadata }: Stored, selector: unknown): boolean {
  const wanted = fieldAt(selector, 'matchLabels');
  if (!isRecord(wanted) || fieldAt(selector, 'matchExpressions') !== undefined) return false;
  return Object.entries(wanted).every(([key, value]) => metadata.labels?.[key] === value);
}
