import type { Resource } from '../resource.ts';

export const roleBindings: Resource = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'rolebindings',
  kind: 'RoleBinding',
  namespaced: true,
  singular: 'rolebinding',
  freeNames: true,
};
