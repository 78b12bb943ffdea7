import type { MusterError } from '../report/errors.ts';

/** What to do about a refusal: ask again at once or soon, wait until something changes, or give up. */
export type NextStep = 'retry' | 'wait' | 'terminal';

export type KubeErrorOptions = {
  /** HTTP status; 0 when no answer came at all (network, TLS, cut connection). */
  readonly status: number;
  /** `reason` of the API's Status object (`NotFound`, `AlreadyExists`, …), or Node's error code when status is 0. */
  readonly reason: string;
  readonly message: string;
  readonly next: NextStep;
  readonly retryAfterMs?: number | undefined;
  /** What was asked, for people: `get pods/web in namespace shop`. */
  readonly request: string;
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

  constructor(options: KubeErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
    this.reason = options.reason;
    this.next = options.next;
    this.retryAfterMs = options.retryAfterMs;
    this.request = options.request;
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

/**
 * The line for a person: ClusterUnreachable, CredentialsRejected, RightsMissing (naming verb and resource) or
 * ClusterRefused for a `KubeError`; a `MusterError` as it is; Interrupted for an aborted signal; Internal otherwise.
 */
export function toMusterError(_error: unknown): MusterError {
  throw new Error('not there yet');
}
