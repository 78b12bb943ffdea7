import type { IncomingMessage } from 'node:http';
import { apiVersionOf, type Resource } from './resource.ts';
import { badRequest, noSuchPath, Refusal, unsupported } from './status.ts';

export type Route = {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  /** Empty for the collection. */
  readonly name: string;
  readonly subresource: 'status' | undefined;
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
  if (subresource === undefined) return { resource, namespace, name, subresource };
  if (subresource !== 'status' || !resource.hasStatus) throw noSuchPath(path);
  return { resource, namespace, name, subresource };
}

// etcd's own limit on a request, which the real API server passes on.
const limitBytes = 3 * 2 ** 20;

/** A request's body as JSON, `undefined` where there is none; throws a 400, for other formats a 415, above 3 MiB a 413. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes)
      throw new Refusal(413, 'RequestEntityTooLarge', `the body is above ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  if (sizeBytes === 0) return undefined;
  const contentType = request.headers['content-type'] ?? 'application/json';
  if (!/^application\/([a-z-]+\+)?json\b/.test(contentType))
    throw unsupported(`the sandbox reads JSON, not ${contentType}`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw badRequest(`the body is no JSON: ${String(error)}`);
  }
}
