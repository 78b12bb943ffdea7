import { fieldAt, isRecord, type Resource, type Stored, textOf } from '../resource.ts';

export const persistentVolumes: Resource = {
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
  singular: 'persistentvolume',
  shortNames: ['pv'],
  hasStatus: true,
  columns: [
    { name: 'Capacity', cell: (volume) => textOf(fieldAt(volume, 'spec.capacity.storage')) },
    { name: 'Reclaim Policy', cell: (volume) => textOf(fieldAt(volume, 'spec.persistentVolumeReclaimPolicy')) },
    { name: 'Status', cell: (volume) => textOf(fieldAt(volume, 'status.phase')) },
    { name: 'Claim', cell: claimOf },
    { name: 'StorageClass', cell: (volume) => textOf(fieldAt(volume, 'spec.storageClassName')) },
  ],
};

function claimOf(volume: Stored): string {
  const claim = fieldAt(volume, 'spec.claimRef');
  return isRecord(claim) ? `${textOf(claim.namespace)}/${textOf(claim.name)}` : '';
}
