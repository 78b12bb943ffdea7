import { MusterError, messageOf } from '../report/errors.ts';

/** What to do about a refusal: ask again soon, wait until something in the cluster changes, or give up. */
export type NextStep = 'retry' | 'wait' | 'terminal';

export type KubeErrorOptions = {
  /** HTTP status; 0 when no answer came at all (network, TLS, cut connection). */
  readonly status: number;
  /** `reason` of the API's Status object (`NotFound`, `AlreadyExists`, …), or a code of the network when status is 0. */
  readonly reason: string;
  readonly message: string;
  readonly next: NextStep;
  readonly retryAfterMs?: number | undefined;
  /** What was asked, for people: `get pods web in namespace shop`. */
  readonly request: string;
  /** What the server wrote where that is no Status object: a proxy's page, the list of a health check. */
  readonly answer?: string | undefined;
  readonly cause?: unknown;
};

/** Anything that went wrong between Muster and an API server. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly reason: string;
  readonly next: NextStep;
  readonly retryAfterMs: number | undefined;
  readonly request: string;
  readonly answer: string | undefined;

  constructor(options: KubeErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
    this.reason = options.reason;
    this.next = options.next;
    this.retryAfterMs = options.retryAfterMs;
    this.request = options.request;
    this.answer = options.answer;
  }
}

export function isNotFound(error: unknown): boolean {
  return hasStatus(error, 404);
}

/** 409: somebody else changed the object first, or it exists already (`isAlreadyExists` tells which). */
export function isConflict(error: unknown): boolean {
  return hasStatus(error, 409);
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'AlreadyExists';
}

export function isForbidden(error: unknown): boolean {
  return hasStatus(error, 403);
}

export function isUnauthorized(error: unknown): boolean {
  return hasStatus(error, 401);
}

/** 410: the resourceVersion or the `continue` token is too old; list again. */
export function isGone(error: unknown): boolean {
  return hasStatus(error, 410);
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof KubeError && error.status === status;
}

/** The part of the API's Status object that tells what went wrong. */
export type ApiStatus = {
  readonly kind?: string;
  readonly status?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
  };
};

/** What an answer of 400 and above means. `body` may be a Status object, a proxy's page, or nothing. */
export function refusal(request: string, status: number, body: string, retryAfter?: string, nowMs = 0): KubeError {
  const said = statusIn(body);
  const reason = said?.reason || reasons[status] || `HTTP ${status}`;
  const text = said?.message || firstLine(body) || reason;
  return new KubeError({
    status,
    reason,
    message: `${request}: ${text}`,
    next: nextStep(status, reason, text),
    retryAfterMs: retryAfterMs(retryAfter, nowMs) ?? seconds(said?.details?.retryAfterSeconds),
    request,
    answer: said === undefined ? body : undefined,
  });
}

/** What it means that no answer came. The cause's own words are kept; they name hosts and ports, never credentials. */
export function unreachable(request: string, server: string, cause: unknown): KubeError {
  const code = networkCode(cause);
  const untrusted = isTlsCode(code);
  return new KubeError({
    status: 0,
    reason: code,
    message: `${server} ${untrusted ? 'could not be trusted' : 'cannot be reached'}: ${firstLine(messageOf(deepest(cause)))}`,
    next: untrusted ? 'terminal' : 'retry',
    request,
    cause,
  });
}

/** A connection that ended, or a deadline that passed, while an answer was on its way. */
export function cut(request: string, reason: string, message: string, cause?: unknown): KubeError {
  return new KubeError({ status: 0, reason, message: `${request}: ${message}`, next: 'retry', request, cause });
}

/** Whether the request surely never left: a new attempt cannot do anything twice. */
export function neverArrived(cause: unknown): boolean {
  const error = deepest(cause);
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  return syscall === 'connect' || syscall === 'getaddrinfo' || networkCode(cause) === 'UND_ERR_CONNECT_TIMEOUT';
}

/**
 * The line for a person: ClusterUnreachable, CredentialsRejected, RightsMissing (naming verb and resource),
 * KubeconfigUnusable (the server's certificate is not trusted) or ClusterRefused for a `KubeError`; a `MusterError` as
 * it is; Interrupted for an aborted signal; Internal otherwise.
 */
export function toMusterError(error: unknown): MusterError {
  if (error instanceof MusterError) return error;
  if (error instanceof KubeError) return fromKubeError(error);
  if (error instanceof Error && error.name === 'AbortError') {
    return new MusterError('Interrupted', 'Interrupted.', { cause: error });
  }
  // A stream that was cut while it was read fails with what undici or Node say.
  if (/^(UND_ERR_|ECONN|EPIPE)/.test(networkCode(error))) {
    return new MusterError('ClusterUnreachable', `The connection was cut: ${firstLine(messageOf(error))}`, {
      cause: error,
    });
  }
  return new MusterError('Internal', messageOf(error), { cause: error });
}

function fromKubeError(error: KubeError): MusterError {
  const because = { cause: error };
  switch (error.status) {
    case 0:
      return new MusterError(
        isTlsCode(error.reason) ? 'KubeconfigUnusable' : 'ClusterUnreachable',
        error.message,
        because,
      );
    case 401:
      return new MusterError(
        'CredentialsRejected',
        `The cluster does not know these credentials (${error.request}).`,
        because,
      );
    case 403:
      return new MusterError('RightsMissing', `The right is missing to ${error.message}`, because);
    default:
      return new MusterError('ClusterRefused', `The cluster refused to ${error.message}`, because);
  }
}

// Reasons for answers that carry no Status object, such as those of a proxy in between.
const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

// What the API says while something is on its way: a container that is not started yet (logs, 400), a quota that may
// be freed, a service account whose controller is late (403), a namespace that is going away (403 and 409).
const passing =
  /waiting to start|exceeded quota|error looking up service account|being terminated|is ensuring all content is removed/;

// A controller makes a new namespace's service account within moments; after the API server was away it has to be elected
// anew: 15 s until its lease is over, and then it reads the cluster. An API server that has just begun does not know the
// priority classes yet.
const early = /serviceaccount ".*" not found|no PriorityClass with name system-\S+ was found/;

/** 403 that passes by itself within two minutes: something that every cluster has is not there yet. */
export function isTooEarly(error: unknown): boolean {
  return isForbidden(error) && early.test(messageOf(error));
}

function nextStep(status: number, reason: string, text: string): NextStep {
  if (passing.test(text)) return 'wait';
  if (status === 409) return reason === 'AlreadyExists' ? 'terminal' : 'retry';
  return status === 408 || status === 410 || status === 429 || (status >= 500 && status !== 501) ? 'retry' : 'terminal';
}

function statusIn(body: string): ApiStatus | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isApiStatus(parsed) ? parsed : undefined;
  } catch {
    // Not JSON: a proxy's page or plain text, which `refusal` shows as it is.
    return undefined;
  }
}

export function isApiStatus(value: unknown): value is ApiStatus {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status';
}

/** Retry-After is a number of seconds or a date: RFC 9110, section 10.2.3. */
function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

function seconds(count: number | undefined): number | undefined {
  return count === undefined || count <= 0 ? undefined : count * 1000;
}

function firstLine(text: string): string {
  return (text.trim().split('\n', 1)[0] ?? '').slice(0, 500);
}

/** undici and AggregateError wrap what really happened. */
function deepest(error: unknown): unknown {
  let found = error;
  for (let depth = 0; depth < 5 && found instanceof Error; depth++) {
    const inner: unknown = found instanceof AggregateError ? found.errors[0] : found.cause;
    if (!(inner instanceof Error)) break;
    found = inner;
  }
  return found;
}

function networkCode(cause: unknown): string {
  const error = deepest(cause);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'ConnectionError';
}

/** Codes of OpenSSL's verification and of Node's TLS: trying again does not help. */
function isTlsCode(code: string): boolean {
  return /^(CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO)/.test(code);
}
