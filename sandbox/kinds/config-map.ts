import { isRecord, type Resource } from '../resource.ts';

export const configMaps: Resource = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
  singular: 'configmap',
  shortNames: ['cm'],
  columns: [{ name: 'Data', cell: ({ data }) => (isRecord(data) ? Object.keys(data).length : 0) }],
};
