import { fieldAt, type Resource, textOf } from '../resource.ts';

export const persistentVolumeClaims: Resource = {
  group: '',
  version: 'v1',
  plural: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  hasStatus: true,
  columns: [{ name: 'Status', cell: (claim) => textOf(fieldAt(claim, 'status.phase')) }],
  prepare(claim) {
    claim.status = { phase: 'Pending' };
  },
};
