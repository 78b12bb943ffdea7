import { fieldAt, type Resource, textOf } from '../resource.ts';

export const clusterServiceVersions: Resource = {
  group: 'operators.coreos.com',
  version: 'v1alpha1',
  plural: 'clusterserviceversions',
  kind: 'ClusterServiceVersion',
  namespaced: true,
  singular: 'clusterserviceversion',
  shortNames: ['csv', 'csvs'],
  categories: ['olm'],
  hasStatus: true,
  columns: [
    { name: 'Display', cell: (csv) => textOf(fieldAt(csv, 'spec.displayName')) },
    { name: 'Version', cell: (csv) => textOf(fieldAt(csv, 'spec.version')) },
    { name: 'Replaces', cell: (csv) => textOf(fieldAt(csv, 'spec.replaces'), '') },
    { name: 'Phase', cell: (csv) => textOf(fieldAt(csv, 'status.phase')) },
  ],
};
