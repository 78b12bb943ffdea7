import { fieldAt, type Resource, textOf } from '../resource.ts';

export const nodes: Resource = {
  group: '',
  version: 'v1',
  plural: 'nodes',
  kind: 'Node',
  namespaced: false,
  singular: 'node',
  shortNames: ['no'],
  hasStatus: true,
  fields: ['spec.unschedulable'],
  columns: [{ name: 'Version', cell: (node) => textOf(fieldAt(node, 'status.nodeInfo.kubeletVersion')) }],
};
