import { INGEST_AUDIENCE, type PodIdentity } from '../gather/ingest.ts';
import { whoseToken } from '../kube/access.ts';
import type { UserInfo } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import {
  askCluster,
  type CallerHeaders,
  createTokenAnswers,
  type TokenAnswersOptions,
  tokenRejected,
} from './token-answers.ts';

export type IngestAccess = {
  /**
   * The pod whose token this is, as the API server vouches for it. Throws MusterError: CredentialsRejected (401) for no
   * token, a bad one, and one for another audience or of no pod; ClusterRefused or ClusterUnreachable when the cluster
   * cannot be asked.
   */
  identify(headers: CallerHeaders, signal: AbortSignal): Promise<PodIdentity>;
};

/** Token review with the packers' own audience. Good answers are kept for 10 s. */
export function createIngestAccess(kube: Kube, options: TokenAnswersOptions = {}): IngestAccess {
  const identify = createTokenAnswers(async (token, signal): Promise<PodIdentity> => {
    const user = await askCluster(() => whoseToken(kube, token, { audiences: [INGEST_AUDIENCE], signal }));
    const pod = user && podOf(user);
    if (pod === undefined) throw tokenRejected('This is no token of a gather pod, or no longer.');
    return pod;
  }, options);
  return { identify };
}

/** Only the API server writes these of a service account's token that is bound to a pod (KEP-1205). */
function podOf({ username = '', extra = {} }: UserInfo): PodIdentity | undefined {
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(username)?.[1];
  const [name] = extra['authentication.kubernetes.io/pod-name'] ?? [];
  const [uid] = extra['authentication.kubernetes.io/pod-uid'] ?? [];
  return namespace === undefined || name === undefined || uid === undefined ? undefined : { namespace, name, uid };
}
