import { clusterAdmin, mayUser, whoseToken } from '../kube/access.ts';
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
   * Lets a cluster-admin through. Throws MusterError: CredentialsRejected (401) for no token or a bad one, RightsMissing (403)
   * for whoever is no cluster-admin and for a request in another's name, ClusterRefused or ClusterUnreachable when the
   * cluster cannot be asked.
   */
  authorize(headers: CallerHeaders, signal: AbortSignal): Promise<Caller>;
};

/** Token review, then access review for cluster-admin, on every request. Good answers are kept for 10 s. */
export function createAccess(kube: Kube, options: TokenAnswersOptions = {}): Access {
  const authorize = createTokenAnswers(async (token, signal): Promise<Caller> => {
    const user = await askCluster(() => whoseToken(kube, token, { signal }));
    if (user?.username === undefined) throw tokenRejected('The token is not valid here, or no longer.');
    const { username, groups } = user;
    if (!(await askCluster(() => mayUser(kube, user, clusterAdmin, signal)))) {
      throw new NoClusterAdmin(username);
    }
    return { username, ...(groups === undefined ? {} : { groups }) };
  }, options);
  return { authorize };
}
