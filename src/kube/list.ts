import { isGone } from './errors.ts';
import type { Kind, KubeObject } from './kinds.ts';
import type { Kube, ListOptions } from './kube.ts';
import { collectionPath } from './paths.ts';

export type Page<T> = { readonly items: readonly T[]; readonly resourceVersion: string };

type ListDocument<T> = {
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
  readonly items?: readonly T[] | null;
};

// A list that expires this often while it is read is too slow for pages: it is then asked for whole.
const mostPagedRestarts = 3;

/**
 * Every object, page by page. When a `continue` token expires midway (410), the list starts again and what was given
 * already is left out, by uid. Objects get the apiVersion and kind that the API leaves out of lists.
 */
export async function* listObjects<T extends KubeObject>(
  json: Kube['json'],
  kind: Kind<T>,
  options: ListOptions,
): AsyncGenerator<T> {
  const seen = new Set<string>();
  for (let restarts = 0; ; restarts++) {
    const pageSize = restarts > mostPagedRestarts ? 0 : options.pageSize;
    try {
      for await (const page of listPages(json, kind, { ...options, pageSize })) yield* unseen(page.items, seen);
      return;
    } catch (error) {
      if (!isGone(error) || restarts > mostPagedRestarts) throw error;
    }
  }
}

function* unseen<T extends KubeObject>(objects: readonly T[], seen: Set<string>): Generator<T> {
  for (const object of objects) {
    const key = identity(object);
    if (seen.has(key)) continue;
    seen.add(key);
    yield object;
  }
}

/** The pages of one consistent list, all of the same resourceVersion; `pageSize` 0 asks for one page with everything. */
export async function* listPages<T extends KubeObject>(
  json: Kube['json'],
  kind: Kind<T>,
  options: ListOptions,
): AsyncGenerator<Page<T>> {
  const path = collectionPath(kind, options.namespace);
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  let next: string | undefined;
  do {
    const document: ListDocument<T> = await json(path, { query: pageQuery(options, next), signal: options.signal });
    const items = (document.items ?? []).map((item) => ({ apiVersion, kind: kind.kind, ...item }));
    yield { items, resourceVersion: document.metadata?.resourceVersion ?? '' };
    next = document.metadata?.continue || undefined;
  } while (next !== undefined);
}

function pageQuery(options: ListOptions, next: string | undefined): [string, string][] {
  const pageSize = options.pageSize ?? 500;
  const query: [string, string][] = selectorQuery(options);
  if (pageSize > 0) query.push(['limit', String(pageSize)]);
  if (next !== undefined) query.push(['continue', next]);
  return query;
}

export function selectorQuery(options: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>): [string, string][] {
  const query: [string, string][] = [];
  if (options.labelSelector) query.push(['labelSelector', options.labelSelector]);
  if (options.fieldSelector) query.push(['fieldSelector', options.fieldSelector]);
  return query;
}

function identity({ metadata }: KubeObject): string {
  return metadata.uid ?? `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}
