import type { Resource } from '../resource.ts';

export const proxies: Resource = {
  group: 'config.openshift.io',
  version: 'v1',
  plural: 'proxies',
  kind: 'Proxy',
  namespaced: false,
  singular: 'proxy',
  hasStatus: true,
};
