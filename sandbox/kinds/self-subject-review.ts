import type { Resource } from '../resource.ts';

/** What `kubectl auth whoami` asks for. */
export const selfSubjectReviews: Resource = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  namespaced: false,
  singular: 'selfsubjectreview',
  verbs: ['create'],
  answer: async (_review, { caller }) => ({ userInfo: caller }),
};
