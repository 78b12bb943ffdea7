import { fieldAt, type Resource, type Stored, textOf } from '../resource.ts';

const readyOf = (deployment: Stored) =>
  `${textOf(fieldAt(deployment, 'status.readyReplicas'), '0')}/${textOf(fieldAt(deployment, 'spec.replicas'), '1')}`;

export const deployments: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  hasStatus: true,
  columns: [
    { name: 'Ready', cell: readyOf },
    { name: 'Up-to-date', cell: (deployment) => textOf(fieldAt(deployment, 'status.updatedReplicas'), '0') },
    { name: 'Available', cell: (deployment) => textOf(fieldAt(deployment, 'status.availableReplicas'), '0') },
  ],
};
