import { fieldAt, type Resource } from '../resource.ts';
import { badRequest } from '../status.ts';

/** What `kubectl auth can-i --list` asks for. */
export const selfSubjectRulesReviews: Resource = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectrulesreviews',
  kind: 'SelfSubjectRulesReview',
  namespaced: false,
  singular: 'selfsubjectrulesreview',
  verbs: ['create'],
  async answer(review, { access, caller }) {
    const namespace = fieldAt(review, 'spec.namespace');
    if (!namespace) throw badRequest('spec.namespace is needed');
    const rules = access.rulesOf(caller, String(namespace));
    const resourceRules = rules
      .filter(({ resources }) => resources.length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length > 0 ? { resourceNames } : {}),
      }));
    const nonResourceRules = rules
      .filter(({ nonResourceURLs }) => nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
    return { resourceRules, nonResourceRules, incomplete: false };
  },
};
