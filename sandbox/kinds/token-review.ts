import { fieldAt, type Resource } from '../resource.ts';
import { badRequest, Refusal } from '../status.ts';

export const tokenReviews: Resource = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
  singular: 'tokenreview',
  verbs: ['create'],
  async answer(review, { access }) {
    const token = fieldAt(review, 'spec.token');
    const wanted = fieldAt(review, 'spec.audiences');
    if (typeof token !== 'string' || token === '') throw badRequest('spec.token is needed');
    const isForOthers = Array.isArray(wanted) && wanted.length > 0;
    try {
      const { caller, audiences } = await access.readToken(token, isForOthers ? wanted.map(String) : undefined);
      return { authenticated: true, user: caller, audiences };
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 401) throw error;
      return { user: {}, error: error.message };
    }
  },
};
