import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Attributes, Caller } from './access/access.ts';
import { answerReview } from './access/answer-review.ts';
import { attributesOf } from './access/attributes.ts';
import { guarded } from './access/guard.ts';
import type { Answer, Api, Call, Subresource } from './api.ts';
import { readBody } from './body.ts';
import { describeApi } from './discovery.ts';
import type { DeleteOptions, Target } from './objects.ts';
import { patchObject } from './patching.ts';
import { listPage, wholeNumber } from './reading.ts';
import { routeOf } from './request.ts';
import { apiVersionOf, isRecord, type Stored } from './resource.ts';
import { badRequest, mayNot, noSuchPath, notAllowed, Refusal, statusOf } from './status.ts';
import { tableOf } from './table.ts';
import { serveWatch } from './watch.ts';

/** Answers one request, whatever comes: refusals become a Status, and so does what went wrong in here. */
export async function handle(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const answer = await answerTo(api, request, response);
    if (answer !== undefined) send(response, answer);
  } catch (error) {
    const refusal = refusalOf(error);
    if (response.headersSent) response.destroy();
    else send(response, { code: refusal.code, body: statusOf(refusal) });
  }
}

/** Takes a WebSocket's handshake to what it asks for, or refuses it with a Status. */
export async function handleUpgrade(api: Api, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  try {
    const { call, path } = await readCall(api, request);
    const subresource = subresourceOf(api, call.target, path);
    if (subresource?.upgrade === undefined) throw badRequest(`${path} speaks no WebSocket`);
    // The handshake is a GET; since Kubernetes 1.35 the right to read does not suffice for what it opens.
    checkAllowed(api, call.caller, { ...attributesOf(call.target, { ...call, isNew: false })[0], verb: 'create' });
    await subresource.upgrade(call, request, socket, head);
  } catch (error) {
    const refusal = refusalOf(error);
    const text = JSON.stringify(statusOf(refusal));
    const size = Buffer.byteLength(text);
    socket.end(
      `HTTP/1.1 ${refusal.code} ${refusal.reason}\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\nconnection: close\r\n\r\n${text}`,
    );
  }
}

const refusalOf = (error: unknown) =>
  error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));

/** Sends JSON, or text as it is. */
function send(response: ServerResponse, { code, body, contentType = 'application/json' }: Answer): void {
  const isText = typeof body === 'string';
  response.writeHead(code, { 'content-type': isText ? 'text/plain; charset=utf-8' : contentType });
  response.end(isText ? body : JSON.stringify(body));
}

async function answerTo(api: Api, request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
  const caller = await api.access.authenticate(request);
  const described = describe(api, request, caller);
  if (described !== undefined) return described;
  const { call, path } = await readCall(api, request, caller);
  const { target, method, query } = call;
  const { resource, namespace, name } = target;
  const subresource = subresourceOf(api, target, path);
  if (subresource?.answer !== undefined) return subresource.answer(call, response);
  if (resource.answer !== undefined) return answerReview(api, call);
  if (method === 'GET' && isWatch(query)) {
    const namedQuery = new URLSearchParams(query);
    if (name !== '') namedQuery.set('fieldSelector', `metadata.name=${name}`);
    serveWatch(api.store, { resource, namespace, query: namedQuery }, request, response);
    return undefined;
  }
  const own = { ...api, objects: guarded(api, call.caller) };
  return name === '' ? answerCollection(own, call) : answerObject(own, call);
}

/** What the API tells of itself, where the path asks for that. */
function describe({ access, kinds, subresources }: Api, request: IncomingMessage, caller: Caller): Answer | undefined {
  const { pathname: path } = urlOf(request);
  const aggregated = (request.headers.accept ?? '').includes('g=apidiscovery.k8s.io;v=v2;');
  const body = describeApi(path, kinds(), { aggregated, subresources });
  if (body === undefined) return undefined;
  if (!access.isAllowed(caller, { verb: 'get', path })) throw mayNot(caller.username, `get path ${path}`);
  const isAggregated = aggregated && ['/api', '/apis'].includes(path);
  const contentType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  return { code: 200, body, ...(isAggregated ? { contentType } : {}) };
}

const urlOf = (request: IncomingMessage) => new URL(request.url ?? '/', 'https://sandbox');
const isWatch = (query: URLSearchParams) => ['true', '1'].includes(query.get('watch') ?? '');

/** Routes a request, asks whether its caller may, and reads its body. */
async function readCall(api: Api, request: IncomingMessage, known?: Caller): Promise<{ call: Call; path: string }> {
  const caller = known ?? (await api.access.authenticate(request));
  const { pathname: path, searchParams: query } = urlOf(request);
  const { accept = '', 'content-type': contentType = '' } = request.headers;
  const method = request.method ?? 'GET';
  const { name, ...route } = routeOf(path.replace(/\/$/, ''), api.kinds());
  const target: Target = {
    ...route,
    name: decoded(name),
    dryRun: query.get('dryRun') === 'All',
    isStrict: query.get('fieldValidation') === 'Strict',
  };
  const isNew = api.store.get(target.resource, target.namespace, target.name) === undefined;
  for (const attributes of attributesOf(target, { method, query, contentType, isNew })) {
    checkAllowed(api, caller, attributes);
  }
  const body = method === 'GET' ? undefined : await readBody(request);
  return { call: { caller, target, method, accept, query, contentType, body }, path };
}

function checkAllowed({ access }: Api, caller: Caller, attributes: Attributes): void {
  if (!access.isAllowed(caller, attributes)) throw mayNot(caller.username, wordsOf(attributes));
}

function wordsOf({ verb, group, resource, subresource, namespace }: Attributes): string {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `${verb} resource "${what}" in API group "${group}" ${where}`;
}

/** What is below the object, `undefined` for `/status` and for the object itself. */
function subresourceOf(api: Api, { resource, subresource }: Target, path: string): Subresource | undefined {
  if (subresource === undefined || (subresource === 'status' && resource.hasStatus)) return undefined;
  const found = resource.group === '' ? api.subresources.get(`${resource.plural}/${subresource}`) : undefined;
  if (found === undefined) throw noSuchPath(path);
  return found;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw badRequest('the path is not percent-encoded as it should be');
  }
}

const wantsTable = (accept: string) => accept.includes('as=Table');

function answerCollection({ store, objects }: Api, { target, method, accept, query, body }: Call): Answer {
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

function answerObject(api: Api, call: Call): Answer {
  const { objects } = api;
  const { target, method, accept, query, body } = call;
  if (target.resource.namespaced && target.namespace === undefined) throw noSuchPath(target.resource.plural);
  const found = (object: Stored, code = 200): Answer => {
    if (!wantsTable(accept)) return { code, body: object };
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    return { code, body: tableOf(target.resource, [object], metadata, query.get('includeObject')) };
  };
  if (method === 'GET') return found(objects.get(target));
  if (method === 'PUT') return found(objects.replace(target, body));
  if (method === 'PATCH') {
    const { object, isNew } = patchObject(api, call);
    return found(object, isNew ? 201 : 200);
  }
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

function deleteOptions(query: URLSearchParams, body: unknown): DeleteOptions {
  const given: DeleteOptions = isRecord(body) ? body : {};
  const grace = wholeNumber(query, 'gracePeriodSeconds') ?? given.gracePeriodSeconds;
  const propagationPolicy = query.get('propagationPolicy') ?? given.propagationPolicy;
  return { ...given, propagationPolicy, ...(grace === undefined ? {} : { gracePeriodSeconds: grace }) };
}
