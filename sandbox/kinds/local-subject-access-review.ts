import { askedFor, askedWho, verdict } from '../access/access-review.ts';
import type { Resource } from '../resource.ts';
import { badRequest } from '../status.ts';

export const localSubjectAccessReviews: Resource = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'localsubjectaccessreviews',
  kind: 'LocalSubjectAccessReview',
  namespaced: true,
  singular: 'localsubjectaccessreview',
  verbs: ['create'],
  async answer(review, { access }) {
    const attributes = askedFor(localSubjectAccessReviews, review);
    if (attributes.namespace !== review.metadata.namespace)
      throw badRequest("spec.resourceAttributes.namespace must be the request's");
    return verdict(access, askedWho(localSubjectAccessReviews, review), attributes);
  },
};
