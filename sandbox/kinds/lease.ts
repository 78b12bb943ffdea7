import { fieldAt, type Resource, textOf } from '../resource.ts';

export const leases: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
  singular: 'lease',
  columns: [{ name: 'Holder', cell: (lease) => textOf(fieldAt(lease, 'spec.holderIdentity'), '') }],
};
