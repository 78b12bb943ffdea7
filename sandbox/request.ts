import { apiVersionOf, type Resource } from './resource.ts';
import { noSuchPath } from './status.ts';

export type Route = {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  /** Empty for the collection. */
  readonly name: string;
  /** `status`, `log`, …; whether the kind has it, the handler knows. */
  readonly subresource: string | undefined;
};

const pattern =
  /^\/(?:api\/(?<core>v1)|apis\/(?<groupVersion>[^/]+\/[^/]+))(?:\/namespaces\/(?<namespace>[^/]+)(?=\/[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/;

/** What a path is about; throws a 404 that says so for what the sandbox does not serve. */
export function routeOf(path: string, kinds: readonly Resource[]): Route {
  // `/namespaces/x/status` and `/namespaces/x/pods` look alike; the first is about the namespace itself.
  const own = /^\/api\/v1\/namespaces\/([^/]+)\/status$/.exec(path);
  const status = { core: 'v1', plural: 'namespaces', name: own?.[1] ?? '', subresource: 'status' };
  const groups: Record<string, string | undefined> = own ? status : (pattern.exec(path)?.groups ?? {});
  const { plural, namespace, name = '', subresource } = groups;
  const apiVersion = groups.core ?? groups.groupVersion;
  const resource = kinds.find((kind) => apiVersionOf(kind) === apiVersion && kind.plural === plural);
  if (resource === undefined || (namespace !== undefined && !resource.namespaced)) throw noSuchPath(path);
  if (resource.namespaced && namespace === undefined && name !== '') throw noSuchPath(path);
  return { resource, namespace, name, subresource };
}
