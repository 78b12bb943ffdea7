import type { Resource } from '../resource.ts';

export const clusterRoleBindings: Resource = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
  singular: 'clusterrolebinding',
  freeNames: true,
};
