import { fieldAt, type Resource, textOf } from '../resource.ts';

export const namespaces: Resource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
  singular: 'namespace',
  shortNames: ['ns'],
  hasStatus: true,
  fields: ['status.phase'],
  columns: [{ name: 'Status', cell: (namespace) => textOf(fieldAt(namespace, 'status.phase')) }],
  prepare(namespace) {
    namespace.metadata.labels = {
      ...namespace.metadata.labels,
      'kubernetes.io/metadata.name': namespace.metadata.name ?? '',
    };
    namespace.spec = { finalizers: ['kubernetes'] };
    namespace.status = { phase: 'Active' };
  },
};
