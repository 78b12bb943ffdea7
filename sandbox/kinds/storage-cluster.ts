import { fieldAt, type Resource, textOf } from '../resource.ts';

export const storageClusters: Resource = {
  group: 'ocs.openshift.io',
  version: 'v1',
  plural: 'storageclusters',
  kind: 'StorageCluster',
  namespaced: true,
  singular: 'storagecluster',
  hasStatus: true,
  columns: [
    { name: 'Phase', cell: (cluster) => textOf(fieldAt(cluster, 'status.phase')) },
    { name: 'Version', cell: (cluster) => textOf(fieldAt(cluster, 'status.version')) },
  ],
};
