import { conditionColumn, sinceColumn } from '../conditions.ts';
import { fieldAt, isRecord, type Resource, type Stored, textOf } from '../resource.ts';

export const clusterOperators: Resource = {
  group: 'config.openshift.io',
  version: 'v1',
  plural: 'clusteroperators',
  kind: 'ClusterOperator',
  namespaced: false,
  singular: 'clusteroperator',
  shortNames: ['co'],
  hasStatus: true,
  columns: [
    { name: 'Version', cell: versionOf },
    conditionColumn('Available', 'Available'),
    conditionColumn('Progressing', 'Progressing'),
    conditionColumn('Degraded', 'Degraded'),
    sinceColumn('Available'),
    conditionColumn('Message', 'Degraded', 'message'),
  ],
};

/** The version of the operator itself; operands have others. */
function versionOf(operator: Stored): string {
  const versions = fieldAt(operator, 'status.versions');
  const own = Array.isArray(versions) ? versions.filter(isRecord).find(({ name }) => name === 'operator') : undefined;
  return textOf(own?.version, '');
}
