import type { IncomingHttpHeaders } from 'undici/types/header.js';
import type { WebSocket } from 'ws';
import type { Headers } from './credentials.ts';
import { cut, isNotFound, KubeError, refusal, unreachable } from './errors.ts';
import type { Kind, KubeObject } from './kinds.ts';
import type { Kube, PatchOptions, PatchType, RemoveOptions, Scope, StreamedResponse, StreamOptions } from './kube.ts';
import { isFields } from './kubeconfig.ts';
import { listObjects } from './list.ts';
import { collectionPath, objectPath, withQuery } from './paths.ts';
import { withRetries } from './retry.ts';
import type { Timers } from './timers.ts';
import { type Session, type Transport, withSession } from './transport.ts';
import { openWebSocket } from './web-socket.ts';

export type ClientOptions = {
  readonly server: string;
  readonly contextName: string;
  readonly transport: Transport;
  readonly requestTimeoutMs: number;
  readonly timers: Timers;
  readonly random: () => number;
};

type Asked = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** What is asked, for people. */
  readonly request: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly idempotent: boolean;
  readonly signal?: AbortSignal | undefined;
};

const patchTypes: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  // JSON is YAML, and the older of the two names for it is served by every version that has server-side apply.
  apply: 'application/apply-patch+yaml',
};

const mostErrorBytes = 65_536;

/** A `Kube` over HTTP/1.1. */
export function createKube(options: ClientOptions): Kube {
  const call = caller(options);
  const json: Kube['json'] = <T>(path: string, { query, headers, signal }: StreamOptions = {}) =>
    call(
      { method: 'GET', path: withQuery(path, query), request: `get ${path}`, headers, signal, idempotent: true },
      readJson<T>,
    );
  return {
    server: options.server,
    contextName: options.contextName,
    json,
    get: <T extends KubeObject>(kind: Kind<T>, name: string, scope: Scope = {}) =>
      call(
        {
          method: 'GET',
          path: objectPath(kind, name, scope.namespace),
          request: named('get', kind, name, scope),
          idempotent: true,
          signal: scope.signal,
        },
        readJson<T>,
      ),
    list: (kind, listOptions = {}) => listObjects(json, kind, listOptions),
    create: <T extends KubeObject>(kind: Kind<T>, object: T, scope: Scope = {}) =>
      call(
        {
          method: 'POST',
          path: collectionPath(kind, scope.namespace),
          request: named('create', kind, object.metadata.name ?? object.metadata.generateName, scope),
          body: { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object },
          // A create that may have arrived is not sent again: the answer would be AlreadyExists, or a second object.
          idempotent: false,
          signal: scope.signal,
        },
        readJson<T>,
      ),
    patch: <T extends KubeObject>(
      kind: Kind<T>,
      name: string,
      type: PatchType,
      patch: unknown,
      scope: PatchOptions = {},
    ) => call(patchOf(kind, name, type, patch, scope), readJson<T>),
    remove: (kind, name, removeOptions = {}) => remove(call, kind, name, removeOptions),
    stream: (path, { query, headers, signal } = {}) =>
      call(
        { method: 'GET', path: withQuery(path, query), request: `get ${path}`, headers, signal, idempotent: true },
        handOver,
      ),
    webSocket: (path, protocols, streamOptions = {}) => webSocket(options, path, protocols, streamOptions),
    close: () => options.transport.close(),
  };
}

type Call = <T>(asked: Asked, read: (asked: Asked, response: StreamedResponse) => Promise<T>) => Promise<T>;

/** Sends with retries; credentials that are not taken are renewed once. */
function caller(options: ClientOptions): Call {
  let reached = false;
  return (asked, read) => {
    const rules = { ...options, ...asked, deadlineMs: options.requestTimeoutMs, wasReached: () => reached };
    return withRetries(rules, (signal) =>
      withSession(options.transport, signal, async (session) => {
        const response = await sendOnce(options, asked, session, signal);
        reached = true;
        if (response.status >= 400) throw await refused(options, asked, response);
        return read(asked, response);
      }),
    );
  };
}

async function sendOnce(
  { server }: ClientOptions,
  asked: Asked,
  session: Session,
  signal: AbortSignal,
): Promise<StreamedResponse> {
  const url = new URL(server);
  try {
    const { statusCode, headers, body } = await session.dispatcher.request({
      origin: url.origin,
      path: `${url.pathname.replace(/\/$/, '')}${asked.path}`,
      method: asked.method,
      headers: headersOf(asked, session.headers),
      body: asked.body === undefined ? null : JSON.stringify(asked.body),
      signal,
    });
    return { status: statusCode, headers, body };
  } catch (error) {
    throw unreachable(asked.request, server, error);
  }
}

function headersOf(asked: Asked, credentials: Headers): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = { accept: 'application/json', 'user-agent': 'muster' };
  if (asked.body !== undefined) headers['content-type'] = 'application/json';
  for (const [name, value] of Object.entries(asked.headers ?? {})) headers[name.toLowerCase()] = value;
  for (const [name, value] of Object.entries(credentials)) {
    headers[name] = typeof value === 'string' ? value : [...value];
  }
  return headers;
}

async function readJson<T>(asked: Asked, response: StreamedResponse): Promise<T> {
  const text = await readText(asked, response);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new KubeError({
      status: response.status,
      reason: 'NotJson',
      message: `${asked.request}: the answer is not JSON; is this the address of an API server?`,
      next: 'terminal',
      request: asked.request,
    });
  }
}

async function readText(asked: Asked, { body }: StreamedResponse): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch (error) {
    throw cut(asked.request, 'ConnectionCut', 'the connection was cut within the answer', error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function handOver(_asked: Asked, response: StreamedResponse): Promise<StreamedResponse> {
  return Promise.resolve(response);
}

async function refused(
  options: ClientOptions,
  asked: Asked,
  { status, headers, body }: StreamedResponse,
): Promise<KubeError> {
  let text = '';
  try {
    for await (const chunk of body) {
      text += chunk;
      if (text.length > mostErrorBytes) break;
    }
  } catch (error) {
    // The status alone tells enough to act on; the reason that was cut off is lost.
    text ||= `the reason was cut off (${error instanceof Error ? error.message : 'connection'})`;
  }
  const retryAfter = headers['retry-after'];
  return refusal(
    asked.request,
    status,
    text,
    Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    options.timers.now(),
  );
}

function patchOf(kind: Kind, name: string, type: PatchType, patch: unknown, scope: PatchOptions): Asked {
  const below = scope.subresource === undefined ? '' : `/${scope.subresource}`;
  const path = `${objectPath(kind, name, scope.namespace)}${below}`;
  return {
    method: 'PATCH',
    // Forced: a field that somebody else set and Muster applies is Muster's from then on; it applies only its own.
    path: withQuery(
      path,
      type === 'apply'
        ? [
            ['fieldManager', 'muster'],
            ['force', 'true'],
          ]
        : [['fieldManager', 'muster']],
    ),
    request: named('patch', kind, name, scope),
    headers: { 'content-type': patchTypes[type] },
    body: type === 'apply' ? appliedBody(kind, name, patch) : patch,
    // A JSON patch may append, which twice is not the same as once.
    idempotent: type !== 'json',
    signal: scope.signal,
  };
}

/** Server-side apply wants to read in the body what the path says already. */
function appliedBody(kind: Kind, name: string, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const metadata = isFields(patch.metadata) ? patch.metadata : {};
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, ...patch, metadata: { ...metadata, name } };
}

async function remove(call: Call, kind: Kind, name: string, options: RemoveOptions): Promise<void> {
  const { gracePeriodSeconds, propagationPolicy, uid } = options;
  const asked: Asked = {
    method: 'DELETE',
    path: objectPath(kind, name, options.namespace),
    request: named('delete', kind, name, options),
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds,
      propagationPolicy,
      preconditions: uid === undefined ? undefined : { uid },
    },
    idempotent: true,
    signal: options.signal,
  };
  try {
    await call(asked, readText);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function webSocket(
  options: ClientOptions,
  path: string,
  protocols: readonly string[],
  { query, headers, signal }: StreamOptions,
): Promise<WebSocket> {
  const request = `connect ${path}`;
  const url = `${options.server.replace(/^http/, 'ws')}${withQuery(path, query)}`;
  const rules = {
    ...options,
    request,
    idempotent: false,
    deadlineMs: options.requestTimeoutMs,
    wasReached: () => true,
    signal,
  };
  return withRetries(rules, (bounded) =>
    withSession(options.transport, bounded, (session) =>
      openWebSocket({ url, protocols, request, headers: { ...headers, ...session.headers }, session, signal: bounded }),
    ),
  );
}

function apiVersionOf(kind: Kind): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

function named(verb: string, kind: Kind, name: string | undefined, { namespace }: Scope): string {
  const what = [verb, kind.plural, name].filter((word) => word !== undefined).join(' ');
  return namespace === undefined ? what : `${what} in namespace ${namespace}`;
}
