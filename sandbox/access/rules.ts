import { isRecord, type Stored } from '../resource.ts';
import type { Attributes } from './access.ts';

/** A rule of RBAC: what may be done to resources, or to paths of the API server. */
export type Rule = {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Empty: whatever the name. */
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
};

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

/** The rules of a Role or ClusterRole as it is kept. */
export function readRules({ rules }: Stored): Rule[] {
  if (!Array.isArray(rules)) return [];
  return rules.filter(isRecord).map((rule) => ({
    verbs: strings(rule.verbs),
    apiGroups: strings(rule.apiGroups),
    resources: strings(rule.resources),
    resourceNames: strings(rule.resourceNames),
    nonResourceURLs: strings(rule.nonResourceURLs),
  }));
}

const has = (list: readonly string[], wanted: string) => list.includes('*') || list.includes(wanted);

// `pods/log` is named by itself, by `*`, and by a star before `/log`; never by `pods`.
function hasResource(resources: readonly string[], wanted: string): boolean {
  const [, subresource] = wanted.split('/');
  return has(resources, wanted) || (subresource !== undefined && resources.includes(`*/${subresource}`));
}

/** A star at the end of a path stands for whatever follows. */
function hasPath(paths: readonly string[], wanted: string): boolean {
  return paths.some((path) => path === wanted || (path.endsWith('*') && wanted.startsWith(path.slice(0, -1))));
}

/** Whether the rule allows what is asked. */
export function allows(rule: Rule, attributes: Attributes): boolean {
  const { verb, group = '', resource = '', subresource, name = '', path } = attributes;
  if (!has(rule.verbs, verb)) return false;
  if (path !== undefined) return hasPath(rule.nonResourceURLs, path);
  const isNamed = rule.resourceNames.length === 0 || rule.resourceNames.includes(name);
  const wanted = subresource === undefined || subresource === '' ? resource : `${resource}/${subresource}`;
  return isNamed && has(rule.apiGroups, group) && hasResource(rule.resources, wanted);
}

/** What of `wanted` no single one of `owned` covers, in rules of one verb and one resource or path each. */
export function uncovered(owned: readonly Rule[], wanted: readonly Rule[]): Rule[] {
  return wanted.flatMap(atoms).filter((atom) => !owned.some((rule) => covers(rule, atom)));
}

const none = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };

function atoms({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: Rule): Rule[] {
  const names = resourceNames.length === 0 ? [[]] : resourceNames.map((name) => [name]);
  const targets: Omit<Rule, 'verbs'>[] = [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        names.map((each) => ({ ...none, apiGroups: [group], resources: [resource], resourceNames: each })),
      ),
    ),
    ...nonResourceURLs.map((path) => ({ ...none, nonResourceURLs: [path] })),
  ];
  return targets.flatMap((target) => verbs.map((verb) => ({ ...target, verbs: [verb] })));
}

function covers(rule: Rule, atom: Rule): boolean {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = atom;
  if (!verbs.every((verb) => has(rule.verbs, verb))) return false;
  const [path] = nonResourceURLs;
  if (path !== undefined) return hasPath(rule.nonResourceURLs, path);
  const [name] = resourceNames;
  const isNamed = rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name));
  return (
    isNamed &&
    apiGroups.every((group) => has(rule.apiGroups, group)) &&
    resources.every((resource) => hasResource(rule.resources, resource))
  );
}
