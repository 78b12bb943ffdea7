import type { Resource } from '../resource.ts';

export const infrastructures: Resource = {
  group: 'config.openshift.io',
  version: 'v1',
  plural: 'infrastructures',
  kind: 'Infrastructure',
  namespaced: false,
  singular: 'infrastructure',
  hasStatus: true,
};
