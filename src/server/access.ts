import { createHash } from 'node:crypto';
import { orAborted } from '../kube/abort.ts';
import { clusterAdmin, mayUser, whoseToken } from '../kube/access.ts';
import { KubeError } from '../kube/errors.ts';
import type { Kube } from '../kube/kube.ts';
import { realTimers, type Timers } from '../kube/timers.ts';
import { MusterError } from '../report/errors.ts';

/** Who called, once it is known that they may. */
export type Caller = { readonly username: string; readonly groups?: readonly string[] };

/** The headers of a request that tell who calls; several values of one header are joined, as Node joins them. */
export type CallerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type Access = {
  /**
   * Lets a cluster-admin through. Throws MusterError: CredentialsRejected (401) for no token or a bad one, RightsMissing (403)
   * for whoever is no cluster-admin and for a request in another's name, ClusterRefused or ClusterUnreachable when the
   * cluster cannot be asked.
   */
  authorize(headers: CallerHeaders, signal: AbortSignal): Promise<Caller>;
};

export type AccessOptions = { readonly timers?: Timers };

/** A good answer holds for this long; a revoked right is felt after that. Refusals are asked for again each time. */
const CACHED_MS = 10_000;
const MOST_CACHED = 1000;
const ANSWER_WITHIN_MS = 10_000;
// Tokens of identity providers with many groups reach a few KiB; the API server takes no header above 1 MiB.
const LONGEST_TOKEN = 32 * 1024;

type Known = { readonly caller: Caller; readonly atMs: number };

/**
 * Token review, then access review for cluster-admin, on every request. Answers are kept by the SHA-256 of the token, never
 * by the token itself. Nobody waits for another's answer but those with the same token.
 */
export function createAccess(kube: Kube, { timers = realTimers }: AccessOptions = {}): Access {
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<Caller>>();

  const ask = async (token: string, digest: string, signal: AbortSignal): Promise<Caller> => {
    const user = await askCluster(() => whoseToken(kube, token, signal));
    if (user?.username === undefined) throw rejected('The token is not valid here, or no longer.');
    const { username, groups } = user;
    if (!(await askCluster(() => mayUser(kube, user, clusterAdmin, signal)))) {
      throw new MusterError('RightsMissing', `${username} is no cluster-admin, which a report needs.`);
    }
    // The oldest answers go first; a Map keeps the order in which they came.
    for (const oldest of known.keys()) {
      if (known.size < MOST_CACHED) break;
      known.delete(oldest);
    }
    const caller = { username, ...(groups === undefined ? {} : { groups }) };
    known.set(digest, { caller, atMs: timers.now() });
    return caller;
  };

  return {
    async authorize(headers, signal) {
      refuseImpersonation(headers);
      const token = bearerToken(headers.authorization);
      const digest = createHash('sha256').update(token).digest('base64');
      const found = known.get(digest);
      if (found !== undefined && timers.now() - found.atMs < CACHED_MS) return found.caller;
      known.delete(digest);
      let answer = asking.get(digest);
      if (answer === undefined) {
        // Not with the caller's signal: others may wait for the same answer when this one has gone.
        answer = ask(token, digest, AbortSignal.timeout(ANSWER_WITHIN_MS)).finally(() => asking.delete(digest));
        asking.set(digest, answer);
      }
      return await orAborted(answer, signal);
    },
  };
}

/** The token of an Authorization header (RFC 6750; the scheme's case does not matter, RFC 9110 §11.1). */
function bearerToken(header: CallerHeaders[string]): string {
  if (header === undefined || header === '') throw rejected('A bearer token is needed: Authorization: Bearer TOKEN.');
  const token = typeof header === 'string' ? /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1] : undefined;
  if (token === undefined || token.length > LONGEST_TOKEN) {
    throw rejected('The Authorization header holds no bearer token.');
  }
  return token;
}

/** Whoever impersonates has rights that the token does not show: the API server knows of both, Muster would not. */
function refuseImpersonation(headers: CallerHeaders): void {
  const found = Object.keys(headers).find((name) => name.toLowerCase().startsWith('impersonate-'));
  if (found === undefined) return;
  throw new MusterError('RightsMissing', `Muster takes no requests in the name of others (${found.toLowerCase()}).`);
}

const rejected = (message: string) => new MusterError('CredentialsRejected', message);

/** A refusal of Muster's own account is none of the caller's: they would log in again for nothing. */
async function askCluster<T>(review: () => Promise<T>): Promise<T> {
  try {
    return await review();
  } catch (error) {
    if (!(error instanceof KubeError) || (error.status !== 401 && error.status !== 403)) throw error;
    const message = `The cluster does not let Muster ask who calls: ${error.message}.`;
    throw new MusterError('ClusterRefused', message, { cause: error });
  }
}
