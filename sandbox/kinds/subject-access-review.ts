import { askedFor, askedWho, verdict } from '../access/access-review.ts';
import type { Resource } from '../resource.ts';

export const subjectAccessReviews: Resource = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
  singular: 'subjectaccessreview',
  verbs: ['create'],
  async answer(review, { access }) {
    const attributes = askedFor(subjectAccessReviews, review);
    return verdict(access, askedWho(subjectAccessReviews, review), attributes);
  },
};
