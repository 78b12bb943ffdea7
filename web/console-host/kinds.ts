import { consoleFetch, HttpError } from './console-fetch.ts';

export type KindName = { readonly group?: string; readonly version: string; readonly kind: string };

/** What the API tells of a kind. */
export type Model = { readonly path: string; readonly plural: string; readonly isNamespaced: boolean };

type ApiResource = { readonly name: string; readonly kind: string; readonly namespaced: boolean };

export const API = '/api/kubernetes';

/** `group~version~Kind`, as extensions and addresses of the console spell it; the kind alone is one of the core. */
export function kindOf(reference: string): KindName {
  const [group = '', version = 'v1', kind = ''] = reference.split('~');
  return reference.includes('~') ? { group, version, kind } : { version: 'v1', kind: reference };
}

export function referenceOf({ group = 'core', version, kind }: KindName): string {
  return `${group}~${version}~${kind}`;
}

const known = new Map<string, Promise<Model | undefined>>();

/** The kind as the API serves it; undefined where it does not. Answered once for each page that is loaded. */
export function modelOf(name: KindName): Promise<Model | undefined> {
  const key = referenceOf(name);
  const found = known.get(key) ?? discover(name);
  known.set(key, found);
  // Who asks again after a failure gets another answer.
  found.catch(() => known.delete(key));
  return found;
}

async function discover({ group = '', version, kind }: KindName): Promise<Model | undefined> {
  const path = group === '' ? `${API}/api/${version}` : `${API}/apis/${group}/${version}`;
  try {
    const { resources } = (await (await consoleFetch(path)).json()) as { readonly resources: readonly ApiResource[] };
    const resource = resources.find((each) => each.kind === kind && !each.name.includes('/'));
    return resource && { path, plural: resource.name, isNamespaced: resource.namespaced };
  } catch (error) {
    if (error instanceof HttpError && error.code === 404) return undefined;
    throw error;
  }
}

/** Where objects of the kind are, in one namespace or in all. */
export function pathOf({ path, plural, isNamespaced }: Model, namespace?: string): string {
  return isNamespaced && namespace !== undefined ? `${path}/namespaces/${namespace}/${plural}` : `${path}/${plural}`;
}

export function isSameKind(a: { readonly group?: string; readonly kind?: string }, b: KindName): boolean {
  return (a.group ?? '') === (b.group ?? '') && a.kind === b.kind;
}
