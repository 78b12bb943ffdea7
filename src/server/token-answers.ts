import { createHash } from 'node:crypto';
import { orAborted } from '../kube/abort.ts';
import { KubeError } from '../kube/errors.ts';
import { realTimers, type Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';

/** The headers of a request that tell who calls; several values of one header are joined, as Node joins them. */
export type CallerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type TokenAnswersOptions = { readonly timers?: Timers };

/** A good answer holds for this long; a revoked right is felt after that. Refusals are asked for again each time. */
const CACHED_MS = 10_000;
const MOST_CACHED = 1000;
const ANSWER_WITHIN_MS = 10_000;
// Tokens of identity providers with many groups reach a few KiB; the API server takes no header above 1 MiB.
const LONGEST_TOKEN = 32 * 1024;

/**
 * Who holds the bearer token of a request, as `ask` finds out. Answers are kept by the SHA-256 of the token, never by the
 * token itself. Nobody waits for another's answer but those with the same token. Throws MusterError CredentialsRejected
 * (401) when there is no token, RightsMissing (403) for a request in another's name, and what `ask` throws.
 */
export function createTokenAnswers<T>(
  ask: (token: string, signal: AbortSignal) => Promise<T>,
  { timers = realTimers }: TokenAnswersOptions = {},
): (headers: CallerHeaders, signal: AbortSignal) => Promise<T> {
  const known = new Map<string, { readonly holder: T; readonly atMs: number }>();
  const asking = new Map<string, Promise<T>>();

  const learn = async (token: string, digest: string): Promise<T> => {
    // Not with the caller's signal: others may wait for the same answer when this one has gone.
    const holder = await ask(token, AbortSignal.timeout(ANSWER_WITHIN_MS));
    // The oldest answers go first; a Map keeps the order in which they came.
    for (const oldest of known.keys()) {
      if (known.size < MOST_CACHED) break;
      known.delete(oldest);
    }
    known.set(digest, { holder, atMs: timers.now() });
    return holder;
  };

  return async (headers, signal) => {
    refuseImpersonation(headers);
    const token = bearerToken(headers.authorization);
    const digest = createHash('sha256').update(token).digest('base64');
    const found = known.get(digest);
    if (found !== undefined && timers.now() - found.atMs < CACHED_MS) return found.holder;
    known.delete(digest);
    let answer = asking.get(digest);
    if (answer === undefined) {
      answer = learn(token, digest).finally(() => asking.delete(digest));
      asking.set(digest, answer);
    }
    return await orAborted(answer, signal);
  };
}

/** The token of an Authorization header (RFC 6750; the scheme's case does not matter, RFC 9110 §11.1). */
function bearerToken(header: CallerHeaders[string]): string {
  if (header === undefined || header === '') {
    throw tokenRejected('A bearer token is needed: Authorization: Bearer TOKEN.');
  }
  const token = typeof header === 'string' ? /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1] : undefined;
  if (token === undefined || token.length > LONGEST_TOKEN) {
    throw tokenRejected('The Authorization header holds no bearer token.');
  }
  return token;
}

/** Whoever impersonates has rights that the token does not show: the API server knows of both, Muster would not. */
function refuseImpersonation(headers: CallerHeaders): void {
  const found = Object.keys(headers).find((name) => name.toLowerCase().startsWith('impersonate-'));
  if (found === undefined) return;
  throw new MusterError('RightsMissing', `Muster takes no requests in the name of others (${found.toLowerCase()}).`);
}

export const tokenRejected = (message: string) => new MusterError('CredentialsRejected', message);

/** A refusal of Muster's own account is none of the caller's: they would log in again for nothing. */
export async function askCluster<T>(review: () => Promise<T>): Promise<T> {
  try {
    return await review();
  } catch (error) {
    if (!(error instanceof KubeError) || (error.status !== 401 && error.status !== 403)) throw error;
    const message = `The cluster does not let Muster ask who calls: ${error.message}.`;
    throw new MusterError('ClusterRefused', message, { cause: error });
  }
}
