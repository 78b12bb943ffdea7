import type { Answer, Api, Call } from '../api.ts';
import { apiVersionOf, isRecord, type Stored } from '../resource.ts';
import { badRequest, notAllowed } from '../status.ts';

/** Answers what is asked of a kind that keeps no objects: a POST of one comes back with its status filled in. */
export async function answerReview({ access }: Api, { target, method, body, caller }: Call): Promise<Answer> {
  const { resource, namespace, name } = target;
  const isPlaced = !resource.namespaced || namespace !== undefined;
  if (method !== 'POST' || name !== '' || !isPlaced || resource.answer === undefined) throw notAllowed(method);
  const apiVersion = apiVersionOf(resource);
  if (!isRecord(body) || (body.kind ?? resource.kind) !== resource.kind)
    throw badRequest(`the body is no ${resource.kind}`);
  if ((body.apiVersion ?? apiVersion) !== apiVersion) throw badRequest(`the body's apiVersion is not ${apiVersion}`);
  const asked: Stored = { ...body, kind: resource.kind, apiVersion, metadata: { ...namespaceOf(namespace) } };
  const status = await resource.answer(asked, { access, caller });
  return { code: 201, body: { ...asked, status } };
}

const namespaceOf = (namespace: string | undefined) => (namespace === undefined ? {} : { namespace });
