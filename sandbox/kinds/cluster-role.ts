import type { Resource } from '../resource.ts';

export const clusterRoles: Resource = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterroles',
  kind: 'ClusterRole',
  namespaced: false,
  singular: 'clusterrole',
  freeNames: true,
};
