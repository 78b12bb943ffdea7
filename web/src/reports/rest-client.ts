import { RequestFailed } from './request-failed.ts';

export type RestRequest = {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

/** Sends one request; in the console through its own fetch, which adds its token against forged requests. */
export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

export type RestClient = {
  /** The answer's JSON, within a minute. Throws RequestFailed. */
  json<T>(path: string, request?: RestRequest): Promise<T>;
  /** The answer itself, of a status below 400, whenever it comes. Throws RequestFailed. */
  answer(path: string, request?: RestRequest): Promise<Response>;
  /** How far the service's clock is ahead of this browser's, by the last answer. */
  aheadMs(): number;
};

/** The service ends what it asks of the cluster sooner; a connection that is dead says nothing. */
const JSON_WITHIN_MS = 60_000;

/** Speaks to the service's REST API. `now` is this browser's clock. */
export function createRestClient(send: Fetch, now: () => number, jsonWithinMs = JSON_WITHIN_MS): RestClient {
  let aheadMs = 0;
  const note = (response: Response) => {
    const date = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(date)) return;
    const difference = date - now();
    // The header has whole seconds, and the answer took its time: less is no difference.
    aheadMs = Math.abs(difference) < 3000 ? 0 : difference;
  };
  const answer = async (path: string, request: RestRequest = {}) => {
    const response = await reach(send, path, request);
    note(response);
    if (response.status >= 400) throw await failureOf(response);
    return response;
  };
  return {
    answer,
    json: (path, request) =>
      inTime(
        request?.signal,
        jsonWithinMs,
        async (signal) => await (await answer(path, { ...request, signal })).json(),
      ),
    aheadMs: () => aheadMs,
  };
}

/** Runs it with a signal that ends with the one given, or when it takes too long: then it throws RequestFailed. */
async function inTime<T>(
  given: AbortSignal | undefined,
  withinMs: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = AbortSignal.timeout(withinMs);
  try {
    return await run(given === undefined ? late : AbortSignal.any([given, late]));
  } catch (error) {
    if (!late.aborted || given?.aborted === true) throw error;
    throw new RequestFailed(0, '', `The service did not answer within ${withinMs / 1000} seconds.`, error);
  }
}

async function reach(send: Fetch, path: string, request: RestRequest): Promise<Response> {
  try {
    return await send(path, initOf(request));
  } catch (error) {
    if (request.signal?.aborted === true || error instanceof RequestFailed) throw error;
    throw new RequestFailed(0, '', error instanceof Error ? error.message : String(error), error);
  }
}

function initOf({ method = 'GET', body, headers, signal }: RestRequest): RequestInit {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    method,
    headers: { accept: 'application/json', ...json, ...headers },
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  };
}

async function failureOf(response: Response): Promise<RequestFailed> {
  const text = await response.text().catch(() => '');
  try {
    const { code, message } = JSON.parse(text) as { code?: unknown; message?: unknown };
    if (typeof message === 'string') return new RequestFailed(response.status, String(code ?? ''), message);
  } catch {
    // A proxy on the way answers in its own words.
  }
  return new RequestFailed(response.status, '', response.statusText || `HTTP ${response.status}`);
}
