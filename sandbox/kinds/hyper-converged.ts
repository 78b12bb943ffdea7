import type { Resource } from '../resource.ts';

export const hyperConvergeds: Resource = {
  group: 'hco.kubevirt.io',
  version: 'v1beta1',
  plural: 'hyperconvergeds',
  kind: 'HyperConverged',
  namespaced: true,
  singular: 'hyperconverged',
  shortNames: ['hco', 'hcos'],
  categories: ['all'],
  hasStatus: true,
};
