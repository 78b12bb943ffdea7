import { MusterError } from '../report/errors.ts';
import {
  type SubjectAccessReview,
  selfSubjectAccessReviews,
  subjectAccessReviews,
  tokenReviews,
  type UserInfo,
} from './kinds.ts';
import type { Kube } from './kube.ts';

export type Right = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Left out: in all namespaces, or for what is cluster-scoped. */
  readonly namespace?: string | undefined;
};

/** Every verb on every resource of every group: what cluster-admin means to Muster. */
export const clusterAdmin: Right = { verb: '*', group: '*', resource: '*' };

/** Whether this caller may do that, by SelfSubjectAccessReview. Throws `KubeError`. */
export async function canI(kube: Kube, right: Right, signal?: AbortSignal): Promise<boolean> {
  const { verb, group, resource, namespace } = right;
  const resourceAttributes = { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) };
  const review = await kube.create(
    selfSubjectAccessReviews,
    { metadata: {}, spec: { resourceAttributes } },
    { signal },
  );
  return review.status?.allowed === true;
}

/** The first of the rights that this caller lacks, or undefined when it has them all. */
async function missingRight(kube: Kube, rights: readonly Right[], signal?: AbortSignal): Promise<Right | undefined> {
  const allowed = await Promise.all(rights.map((right) => canI(kube, right, signal)));
  return rights.find((_right, index) => allowed[index] === false);
}

/** Throws MusterError RightsMissing, naming the right, when this caller lacks one of them. */
export async function requireRights(kube: Kube, rights: readonly Right[], signal?: AbortSignal): Promise<void> {
  const missing = await missingRight(kube, rights, signal);
  if (missing !== undefined) throw new MusterError('RightsMissing', `The right is missing to ${inWords(missing)}.`);
}

/** `create pods in namespace shop`, `list nodes`, `do everything (cluster-admin)`. */
function inWords({ verb, group, resource, namespace }: Right): string {
  if (verb === '*' && resource === '*')
    return `do everything${namespace ? ` in namespace ${namespace}` : ' (cluster-admin)'}`;
  const what = group === '' || group === '*' ? resource : `${resource}.${group}`;
  return `${verb} ${what}${namespace ? ` in namespace ${namespace}` : ''}`;
}

export type TokenReviewOptions = {
  /** Whom the token must be for, one of them; the API server itself unless told. */
  readonly audiences?: readonly string[];
  readonly signal?: AbortSignal | undefined;
};

/**
 * Whose token this is, by TokenReview; `undefined` for one that is worth nothing, also to an audience other than those
 * wanted. Throws `KubeError`.
 */
export async function whoseToken(
  kube: Kube,
  token: string,
  { audiences = [], signal }: TokenReviewOptions = {},
): Promise<UserInfo | undefined> {
  const spec = { token, ...(audiences.length === 0 ? {} : { audiences: [...audiences] }) };
  const { status } = await kube.create(tokenReviews, { metadata: {}, spec }, { signal });
  if (status?.authenticated !== true) return undefined;
  // An authenticator that knows nothing of audiences names none and lets any token pass (TokenReviewStatus.audiences).
  if (audiences.length > 0 && !audiences.some((audience) => status.audiences?.includes(audience))) return undefined;
  return status.user;
}

/** Whether somebody may do that, by SubjectAccessReview. Throws `KubeError`. */
export async function mayUser(kube: Kube, user: UserInfo, right: Right, signal?: AbortSignal): Promise<boolean> {
  const { verb, group, resource, namespace } = right;
  const resourceAttributes = { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) };
  return await isAllowed(kube, { ...whoIs(user), resourceAttributes }, signal);
}

/** Whether somebody may get a path that is no resource's, such as `/metrics`, by SubjectAccessReview. Throws `KubeError`. */
export async function mayUserGet(kube: Kube, user: UserInfo, path: string, signal?: AbortSignal): Promise<boolean> {
  return await isAllowed(kube, { ...whoIs(user), nonResourceAttributes: { path, verb: 'get' } }, signal);
}

async function isAllowed(kube: Kube, spec: SubjectAccessReview['spec'], signal?: AbortSignal): Promise<boolean> {
  const review = await kube.create(subjectAccessReviews, { metadata: {}, spec }, { signal });
  return review.status?.allowed === true;
}

const whoIs = ({ username = '', groups, uid, extra }: UserInfo) => ({ user: username, groups, uid, extra });
