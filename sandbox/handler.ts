import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeApi } from './discovery.ts';
import type { DeleteOptions, Objects, Target } from './objects.ts';
import { jsonPatch, mergePatch } from './patch.ts';
import { listPage, wholeNumber } from './reading.ts';
import { readBody, routeOf } from './request.ts';
import { apiVersionOf, isRecord, type Resource, type Stored } from './resource.ts';
import { badRequest, noSuchPath, notAllowed, Refusal, statusOf, unsupported } from './status.ts';
import type { Store } from './store.ts';
import { tableOf } from './table.ts';
import { serveWatch } from './watch.ts';

export type Api = { readonly store: Store; readonly objects: Objects; readonly kinds: () => readonly Resource[] };
type Answer = { readonly code: number; readonly body: object | string; readonly contentType?: string };

/** Answers one request, whatever comes: refusals become a Status, and so does what went wrong in here. */
export async function handle(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'https://sandbox');
    const answer = await answerTo(api, request, response, url);
    if (answer !== undefined) send(response, answer);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
    if (response.headersSent) response.destroy();
    else send(response, { code: refusal.code, body: statusOf(refusal) });
  }
}

/** Sends JSON, or text as it is. */
function send(response: ServerResponse, { code, body, contentType = 'application/json' }: Answer): void {
  const isText = typeof body === 'string';
  response.writeHead(code, { 'content-type': isText ? 'text/plain; charset=utf-8' : contentType });
  response.end(isText ? body : JSON.stringify(body));
}

async function answerTo(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, searchParams: query }: URL,
): Promise<Answer | undefined> {
  const accept = request.headers.accept ?? '';
  const method = request.method ?? 'GET';
  const aggregated = accept.includes('g=apidiscovery.k8s.io;v=v2;');
  const described = describeApi(pathname, api.kinds(), aggregated);
  if (described !== undefined) {
    const isAggregated = aggregated && ['/api', '/apis'].includes(pathname);
    const contentType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    return { code: 200, body: described, ...(isAggregated ? { contentType } : {}) };
  }
  const { name, ...route } = routeOf(pathname.replace(/\/$/, ''), api.kinds());
  const target: Target = { ...route, name: decoded(name), dryRun: query.get('dryRun') === 'All' };
  if (method === 'GET' && ['true', '1'].includes(query.get('watch') ?? '')) {
    const namedQuery = new URLSearchParams(query);
    if (name !== '') namedQuery.set('fieldSelector', `metadata.name=${target.name}`);
    serveWatch(api.store, { ...target, query: namedQuery }, request, response);
    return undefined;
  }
  if (name === '') return answerCollection(api, target, { method, accept, query, body: await readBody(request) });
  const contentType = request.headers['content-type'] ?? '';
  return answerObject(api, target, { method, accept, query, contentType, body: await readBody(request) });
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw badRequest('the path is not percent-encoded as it should be');
  }
}

type Asked = { method: string; accept: string; query: URLSearchParams; body: unknown };

const wantsTable = (accept: string) => accept.includes('as=Table');

function answerCollection({ store, objects }: Api, target: Target, { method, accept, query, body }: Asked): Answer {
  const { resource, namespace } = target;
  if (method === 'GET') {
    const { items, metadata } = listPage(store, { resource, namespace, query });
    if (wantsTable(accept)) return { code: 200, body: tableOf(resource, items, metadata, query.get('includeObject')) };
    return { code: 200, body: { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items } };
  }
  if (method === 'POST') {
    if (resource.namespaced && namespace === undefined) throw notAllowed(method);
    return { code: 201, body: objects.create(target, body) };
  }
  if (method !== 'DELETE' || (resource.namespaced && namespace === undefined)) throw notAllowed(method);
  const { items, metadata } = listPage(store, { resource, namespace, query });
  for (const { metadata: each } of items)
    objects.remove({ ...target, name: each.name ?? '' }, deleteOptions(query, body));
  return { code: 200, body: { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items } };
}

function answerObject({ objects }: Api, target: Target, asked: Asked & { contentType: string }): Answer {
  const { method, accept, query, body } = asked;
  if (target.resource.namespaced && target.namespace === undefined) throw noSuchPath(target.resource.plural);
  const found = (object: Stored): Answer => {
    if (!wantsTable(accept)) return { code: 200, body: object };
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    return { code: 200, body: tableOf(target.resource, [object], metadata, query.get('includeObject')) };
  };
  if (method === 'GET') return found(objects.get(target));
  if (method === 'PUT') return found(objects.replace(target, body));
  if (method === 'PATCH') return found(objects.replace(target, patched(objects.get(target), asked.contentType, body)));
  if (method !== 'DELETE' || target.subresource !== undefined) throw notAllowed(method);
  const { object, isGone } = objects.remove(target, deleteOptions(query, body));
  if (!isGone) return found(object);
  const details = {
    name: target.name,
    group: target.resource.group,
    kind: target.resource.plural,
    uid: object.metadata.uid,
  };
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

function patched(current: Stored, contentType: string, patch: unknown): unknown {
  const type = contentType.split(';')[0]?.trim();
  if (type === 'application/merge-patch+json') {
    if (!isRecord(patch)) throw badRequest('a merge patch is an object');
    return mergePatch(current, patch);
  }
  if (type === 'application/json-patch+json') return jsonPatch(current, patch);
  throw unsupported(`the sandbox takes JSON and merge patches only, not ${type}`);
}

function deleteOptions(query: URLSearchParams, body: unknown): DeleteOptions {
  const given: DeleteOptions = isRecord(body) ? body : {};
  const grace = wholeNumber(query, 'gracePeriodSeconds') ?? given.gracePeriodSeconds;
  const propagationPolicy = query.get('propagationPolicy') ?? given.propagationPolicy;
  return { ...given, propagationPolicy, ...(grace === undefined ? {} : { gracePeriodSeconds: grace }) };
}
