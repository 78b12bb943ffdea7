import { fieldAt, type Resource, textOf } from '../resource.ts';

export const replicaSets: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  kind: 'ReplicaSet',
  namespaced: true,
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  hasStatus: true,
  columns: [
    { name: 'Desired', cell: (set) => textOf(fieldAt(set, 'spec.replicas')) },
    { name: 'Current', cell: (set) => textOf(fieldAt(set, 'status.replicas'), '0') },
    { name: 'Ready', cell: (set) => textOf(fieldAt(set, 'status.readyReplicas'), '0') },
  ],
};
