import { conditionColumn, sinceColumn } from '../conditions.ts';
import { fieldAt, type Resource, textOf } from '../resource.ts';

export const clusterVersions: Resource = {
  group: 'config.openshift.io',
  version: 'v1',
  plural: 'clusterversions',
  kind: 'ClusterVersion',
  namespaced: false,
  singular: 'clusterversion',
  hasStatus: true,
  columns: [
    { name: 'Version', cell: (version) => textOf(fieldAt(version, 'status.desired.version')) },
    conditionColumn('Available', 'Available'),
    conditionColumn('Progressing', 'Progressing'),
    sinceColumn('Progressing'),
    conditionColumn('Status', 'Progressing', 'message'),
  ],
};
