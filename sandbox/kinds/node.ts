import { fieldAt, isRecord, type Resource, type Stored, textOf } from '../resource.ts';

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
  columns: [
    { name: 'Status', cell: shownStatus },
    { name: 'Roles', cell: roles },
    { name: 'Version', cell: (node) => textOf(fieldAt(node, 'status.nodeInfo.kubeletVersion')) },
  ],
};

function shownStatus(node: Stored): string {
  const conditions = fieldAt(node, 'status.conditions');
  const ready = Array.isArray(conditions) && conditions.find((each) => isRecord(each) && each.type === 'Ready');
  const status = isRecord(ready) && ready.status === 'True' ? 'Ready' : 'NotReady';
  return fieldAt(node, 'spec.unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

function roles({ metadata }: Stored): string {
  const prefix = 'node-role.kubernetes.io/';
  const found = Object.keys(metadata.labels ?? {}).filter((label) => label.startsWith(prefix));
  return found.map((label) => label.slice(prefix.length)).join(',') || '<none>';
}
