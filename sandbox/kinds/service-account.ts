import type { Resource } from '../resource.ts';

export const serviceAccounts: Resource = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
  singular: 'serviceaccount',
  shortNames: ['sa'],
};
