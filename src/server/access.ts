import { clusterAdmin, mayUser, mayUserGet, whoseToken } from '../kube/access.ts';
import type { UserInfo } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { MusterError } from '../report/errors.ts';
import {
  askCluster,
  type CallerHeaders,
  createTokenAnswers,
  type TokenAnswersOptions,
  tokenRejected,
} from './token-answers.ts';

/** Who called, once it is known that they may. */
export type Caller = { readonly username: string; readonly groups?: readonly string[] };

/** Somebody whom the cluster knows, and who may not. */
export class NoClusterAdmin extends MusterError {
  readonly username: string;

  constructor(username: string) {
    super('RightsMissing', `${username} is no cluster-admin, which a report needs.`);
    this.username = username;
  }
}

export type Access = {
  /**
   * Lets through who may. Throws MusterError: CredentialsRejected (401) for no token or a bad one, RightsMissing (403)
   * for whoever may not and for a request in another's name, ClusterRefused or ClusterUnreachable when the
   * cluster cannot be asked.
   */
  authorize(headers: CallerHeaders, signal: AbortSignal): Promise<Caller>;
};

/** Token review, then access review for cluster-admin, on every request. Good answers are kept for 10 s. */
export function createAccess(kube: Kube, options: TokenAnswersOptions = {}): Access {
  const may = (user: UserInfo, signal: AbortSignal) => mayUser(kube, user, clusterAdmin, signal);
  return reviewedAccess(kube, { may, refusal: (username) => new NoClusterAdmin(username) }, options);
}

/**
 * For `/metrics`: as `createAccess`, but for whoever may `get` that path by RBAC, as every cluster-admin and the Prometheus of
 * most clusters may. What they learn is numbers.
 */
export function createMetricsAccess(kube: Kube, options: TokenAnswersOptions = {}): Access {
  const may = (user: UserInfo, signal: AbortSignal) => mayUserGet(kube, user, METRICS_PATH, signal);
  const refusal = (username: string) =>
    new MusterError('RightsMissing', `${username} may not get the path ${METRICS_PATH} (nonResourceURLs).`);
  return reviewedAccess(kube, { may, refusal }, options);
}

const METRICS_PATH = '/metrics';

type Wanted = {
  readonly may: (user: UserInfo, signal: AbortSignal) => Promise<boolean>;
  readonly refusal: (username: string) => MusterError;
};

function reviewedAccess(kube: Kube, { may, refusal }: Wanted, options: TokenAnswersOptions): Access {
  const authorize = createTokenAnswers(async (token, signal): Promise<Caller> => {
    const user = await askCluster(() => whoseToken(kube, token, { signal }));
    if (user?.username === undefined) throw tokenRejected('The token is not valid here, or no longer.');
    const { username, groups } = user;
    if (!(await askCluster(() => may(user, signal)))) throw refusal(username);
    return { username, ...(groups === undefined ? {} : { groups }) };
  }, options);
  return { authorize };
}
