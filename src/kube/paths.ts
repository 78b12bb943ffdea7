import { MusterError } from '../report/errors.ts';
import type { Kind } from './kinds.ts';

/** Where the objects of a kind live: `/api/v1/namespaces/shop/pods`, `/apis/apps/v1/deployments`. */
export function collectionPath(kind: Pick<Kind, 'group' | 'version' | 'plural'>, namespace?: string): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  return namespace === undefined ? `${root}/${kind.plural}` : `${root}/namespaces/${segment(namespace)}/${kind.plural}`;
}

/** Where one object lives. Throws for a name that would be another path: `DELETE …/pods/` deletes all pods. */
export function objectPath(kind: Pick<Kind, 'group' | 'version' | 'plural'>, name: string, namespace?: string): string {
  return `${collectionPath(kind, namespace)}/${segment(name)}`;
}

export function podPath(namespace: string, pod: string, subresource: 'log' | 'exec'): string {
  return `/api/v1/namespaces/${segment(namespace)}/pods/${segment(pod)}/${subresource}`;
}

/** `path` with the pairs after a `?` or `&`, each encoded. */
export function withQuery(path: string, query: readonly (readonly [string, string])[] = []): string {
  if (query.length === 0) return path;
  const text = query.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
  return `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

/** The API's own rule for names in paths: not empty, not `.` or `..`, and without `/` or `%`. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/.test(name)) {
    throw new MusterError('InvalidInput', `Nothing in Kubernetes can be called ${JSON.stringify(name)}.`);
  }
  return encodeURIComponent(name);
}
