import { askedFor, verdict } from '../access/access-review.ts';
import type { Resource } from '../resource.ts';

export const selfSubjectAccessReviews: Resource = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
  singular: 'selfsubjectaccessreview',
  verbs: ['create'],
  async answer(review, { access, caller }) {
    return verdict(access, caller, askedFor(selfSubjectAccessReviews, review));
  },
};
