import { namespaces } from '../kinds/namespace.ts';
import type { Target } from '../objects.ts';
import type { Attributes } from './access.ts';

type Asked = {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** There is no such object yet. */
  readonly isNew: boolean;
};

const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** What a request's caller must be allowed, all of it: an apply that creates is a `patch` and a `create`. */
export function attributesOf(target: Target, { method, query, contentType, isNew }: Asked): Attributes[] {
  const { resource, subresource } = target;
  const isCollection = target.name === '';
  // A list of the one object of that name may be allowed by a rule for it alone.
  const selected = /(?:^|,)metadata\.name==?(?<name>[^,]+)/.exec(query.get('fieldSelector') ?? '')?.groups?.name;
  const name = isCollection && method !== 'POST' ? selected : target.name;
  // Rights within a namespace may be about the namespace itself.
  const namespace = resource === namespaces && !isCollection ? target.name : target.namespace;
  const asked = { group: resource.group, resource: resource.plural, subresource, namespace, name };
  const isWatch = ['true', '1'].includes(query.get('watch') ?? '');
  const reading = isWatch ? 'watch' : isCollection ? 'list' : 'get';
  const verb = method === 'DELETE' && isCollection ? 'deletecollection' : (verbs[method] ?? reading);
  const creates = method === 'PATCH' && contentType.startsWith('application/apply-patch') && isNew;
  return creates
    ? [
        { ...asked, verb },
        { ...asked, verb: 'create' },
      ]
    : [{ ...asked, verb }];
}
