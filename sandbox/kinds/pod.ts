import { fieldAt, type Resource, textOf } from '../resource.ts';

export const pods: Resource = {
  group: '',
  version: 'v1',
  plural: 'pods',
  kind: 'Pod',
  namespaced: true,
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  hasStatus: true,
  fields: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  columns: [{ name: 'Status', cell: (pod) => textOf(fieldAt(pod, 'status.phase')) }],
  prepare(pod) {
    pod.status = { phase: 'Pending' };
  },
  // A pod that no node has taken, or that has ended, has nobody to wait for.
  graceSeconds(pod) {
    const phase = fieldAt(pod, 'status.phase');
    if (!fieldAt(pod, 'spec.nodeName') || phase === 'Succeeded' || phase === 'Failed') return 0;
    return Number(fieldAt(pod, 'spec.terminationGracePeriodSeconds') ?? 30);
  },
};
