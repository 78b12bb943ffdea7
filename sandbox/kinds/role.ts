import type { Resource } from '../resource.ts';

export const roles: Resource = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'roles',
  kind: 'Role',
  namespaced: true,
  singular: 'role',
  freeNames: true,
};
