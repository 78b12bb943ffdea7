/** What `consoleFetch` throws for an answer that is not well, as the console's own has it. */
export class HttpError extends Error {
  readonly code: number;
  readonly response: Response;
  readonly json: unknown;

  constructor(message: string, code: number, response: Response, json?: unknown) {
    super(message);
    this.code = code;
    this.response = response;
    this.json = json;
  }
}

const ANSWERED_WITHIN_MS = 60_000;

/**
 * As the console's: asks with the token against forged requests (cookie `csrf-token`), waits 60 s for an answer, and throws
 * HttpError, whose message is the JSON's `message`, else `error`, else the words of the status.
 */
export async function consoleFetch(
  url: string,
  options: RequestInit = {},
  timeoutMs = ANSWERED_WITHIN_MS,
): Promise<Response> {
  const headers = new Headers(options.headers);
  const token = cookie('csrf-token');
  if (token !== undefined) headers.set('X-CSRFToken', token);
  const asked = fetch(url, { ...options, headers });
  const response = await (timeoutMs > 0 ? Promise.race([asked, tooLate(url, timeoutMs)]) : asked);
  if (response.ok || response.status === 304) return response;
  throw await errorOf(response);
}

async function errorOf(response: Response): Promise<HttpError> {
  if (response.headers.get('content-type')?.includes('json') !== true) {
    return new HttpError(response.statusText, response.status, response);
  }
  const json = (await response.json()) as { readonly message?: string; readonly error?: string };
  return new HttpError(json.message ?? json.error ?? response.statusText, response.status, response, json);
}

function tooLate(url: string, timeoutMs: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`Call to ${url} timed out after ${timeoutMs}ms.`)), timeoutMs);
  });
}

function cookie(name: string): string | undefined {
  const pair = document.cookie.split('; ').find((each) => each.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
