import { type Resource, textOf } from '../resource.ts';

export const storageClasses: Resource = {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'storageclasses',
  kind: 'StorageClass',
  namespaced: false,
  singular: 'storageclass',
  shortNames: ['sc'],
  columns: [
    { name: 'Provisioner', cell: ({ provisioner }) => textOf(provisioner) },
    { name: 'ReclaimPolicy', cell: ({ reclaimPolicy }) => textOf(reclaimPolicy) },
    { name: 'VolumeBindingMode', cell: ({ volumeBindingMode }) => textOf(volumeBindingMode) },
    { name: 'AllowVolumeExpansion', cell: ({ allowVolumeExpansion }) => String(allowVolumeExpansion === true) },
  ],
};
