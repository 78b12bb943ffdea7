import type { Discovery, ServedResource } from '../kube/discovery.ts';

/** A type as a person or another object names it, and the names wanted of it; without names: all. */
export type Target = { readonly type: string; readonly names: readonly string[] };

/**
 * Reads arguments as kubectl does: with a slash anywhere, each is `type/name` (or, which kubectl refuses, types);
 * without one the first is the types and the others are names. Types may be comma lists.
 */
export function parseTargets(args: readonly string[]): Target[] {
  if (!args.some((arg) => arg.includes('/'))) {
    const [types = '', ...names] = args;
    return listed(types).map((type) => ({ type, names }));
  }
  return args.flatMap((arg) => {
    // `ns/a,ns/b` is a list of pairs; in `pods,services/web` the name counts for each type.
    const pieces = listed(arg);
    return pieces.every((piece) => piece.includes('/')) ? pieces.flatMap(pair) : pair(arg);
  });
}

function pair(arg: string): Target[] {
  const slash = arg.indexOf('/');
  if (slash === -1) return listed(arg).map((type) => ({ type, names: [] }));
  return listed(arg.slice(0, slash)).map((type) => ({ type, names: [arg.slice(slash + 1)] }));
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}

/**
 * The served resources that a type means: `pods`, `po`, `Pod`, `deployments.apps`, `deployments.v1.apps`, or a
 * category such as `all`. Empty when the cluster does not serve it.
 */
export function resourcesOf(discovery: Discovery, type: string): ServedResource[] {
  const [name = '', ...rest] = type.toLowerCase().split('.');
  const [version, ...groupOfVersion] = rest;
  const usable = discovery.resources.filter(({ verbs }) => verbs.includes('list') && verbs.includes('get'));
  const named = usable.filter((resource) => isNamed(resource, name));
  const found =
    rest.length === 0
      ? named.find(({ preferred }) => preferred)
      : (named.find(({ group, preferred }) => preferred && group === rest.join('.')) ??
        named.find((resource) => resource.version === version && resource.group === groupOfVersion.join('.')) ??
        named.find(({ group, preferred }) => preferred && group.startsWith(rest.join('.'))));
  if (found !== undefined) return [found];
  return rest.length > 0 ? [] : usable.filter(({ categories, preferred }) => preferred && categories.includes(name));
}

/** The resource of a reference that another object holds: its plural as a rule, its kind now and then. */
export function referredResource(discovery: Discovery, group: string, type: string): ServedResource | undefined {
  const name = type.toLowerCase();
  return discovery.resources.find(
    (resource) => resource.preferred && resource.group === group && isNamed(resource, name),
  );
}

function isNamed({ plural, singular, kind, shortNames }: ServedResource, name: string): boolean {
  return plural === name || singular === name || kind.toLowerCase() === name || shortNames.includes(name);
}
