import { Agent as HttpAgent, type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { proxyAgentOptions } from '../kube/proxy.ts';
import { realTimers, sleep, type Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';
import { refusedBy, ServiceError, unreached } from './service-error.ts';

/** The REST service of Muster, as one caller. What is no success is thrown as a `ServiceError`. */
export type ServiceClient = {
  readonly url: string;
  /** One question and its whole answer; `undefined` where the answer has no body. */
  json(method: 'GET' | 'POST' | 'DELETE', path: string, options?: CallOptions): Promise<ServiceAnswer>;
  /** One GET, its answer as a stream: read it to its end or destroy it. A cut shows as an error of the stream. */
  open(path: string, options?: CallOptions): Promise<IncomingMessage>;
  close(): void;
};

export type CallOptions = {
  readonly body?: unknown;
  readonly headers?: OutgoingHttpHeaders;
  readonly signal?: AbortSignal;
};

export type ServiceAnswer = { readonly body: unknown; readonly headers: IncomingMessage['headers'] };

export type ServiceClientOptions = {
  /** Without a slash at its end. */
  readonly url: string;
  /** The bearer token, undefined to ask without; `fresh` after one was refused. */
  readonly token: (fresh: boolean) => Promise<string | undefined>;
  /** What to trust instead of the well-known authorities, PEM. */
  readonly caPem: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timers?: Timers;
};

/** Between questions to a name server that says "for now not" (EAI_AGAIN of getaddrinfo(3)): nothing was sent yet. */
const NAME_WAITS_MS = [500, 1000, 2000, 4000];

/** The service sends something every 30 s wherever it may go on for long. */
const SILENT_FOR_MS = 90_000;

/** Nothing is sent yet. Redirects are not followed: the token is for this address alone. */
export function openServiceClient(clientOptions: ServiceClientOptions): ServiceClient {
  const { url, token, caPem, env, timers = realTimers } = clientOptions;
  const isHttps = url.startsWith('https:');
  const agentOptions = { keepAlive: true, ...proxyAgentOptions(url, env) };
  const agent = isHttps
    ? new HttpsAgent({ ...agentOptions, ...(caPem === undefined ? {} : { ca: caPem }) })
    : new HttpAgent(agentOptions);

  const sendOnce = (method: string, path: string, bearer: string | undefined, options: CallOptions) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const sent = options.body === undefined ? undefined : JSON.stringify(options.body);
      const headers = headersOf(options, sent, bearer);
      const how = { method, agent, headers, ...(options.signal === undefined ? {} : { signal: options.signal }) };
      const request = (isHttps ? requestHttps : requestHttp)(`${url}${path}`, how, resolve);
      const silent = () => request.destroy(unreached(url, new Error('no word from it for 90 s')));
      request.setTimeout(SILENT_FOR_MS, silent);
      // Kept for good: once the answer has begun, its stream tells of the same.
      request.on('error', reject);
      request.end(sent);
    });

  const send = async (...question: Parameters<typeof sendOnce>): Promise<IncomingMessage> => {
    for (const waitMs of NAME_WAITS_MS) {
      try {
        return await sendOnce(...question);
      } catch (error) {
        if (!isNameUnknownForNow(error)) throw error;
        await sleep(timers, waitMs, question[3].signal);
      }
    }
    return await sendOnce(...question);
  };

  const call = async (method: string, path: string, options: CallOptions): Promise<IncomingMessage> => {
    const bearer = await token(false);
    const answer = await send(method, path, bearer, options);
    if (answer.statusCode !== 401) return answer;
    const other = await token(true);
    if (other === undefined || other === bearer) return answer;
    answer.resume();
    return await send(method, path, other, options);
  };

  const open = async (method: string, path: string, options: CallOptions): Promise<IncomingMessage> => {
    try {
      const answer = await call(method, path, options);
      const { statusCode: status = 0, headers } = answer;
      if (status >= 200 && status < 300) return answer;
      const body = await text(answer);
      throw refusedBy(url, { status, body, location: headers.location, retryAfter: headers['retry-after'] });
    } catch (error) {
      throw asServiceError(url, error, options.signal);
    }
  };

  return {
    url,
    open: (path, options = {}) => open('GET', path, options),
    async json(method, path, options = {}) {
      const answer = await open(method, path, options);
      let body: string;
      try {
        body = await text(answer);
      } catch (error) {
        throw asServiceError(url, error, options.signal);
      }
      return { body: body === '' ? undefined : parsed(url, body), headers: answer.headers };
    },
    close: () => agent.destroy(),
  };
}

const isNameUnknownForNow = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN';

function headersOf({ headers }: CallOptions, sent: string | undefined, bearer: string | undefined) {
  return {
    accept: 'application/json, */*',
    ...(sent === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
    ...headers,
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  };
}

/** An error of a stream that `open` gave, as the error that a person meets. */
export function asServiceError(url: string, error: unknown, signal?: AbortSignal): unknown {
  if (error instanceof MusterError) return error;
  // What the caller called off is no trouble of the service's.
  if (signal?.aborted) return new MusterError('Interrupted', 'Interrupted', { cause: error });
  return error instanceof Error && 'code' in error ? unreached(url, error) : error;
}

function parsed(url: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new ServiceError('ClusterRefused', `${url} does not answer as Muster does`, { cause });
  }
}
