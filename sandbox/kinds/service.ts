import { fieldAt, type Resource, textOf } from '../resource.ts';

export const services: Resource = {
  group: '',
  version: 'v1',
  plural: 'services',
  kind: 'Service',
  namespaced: true,
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  hasStatus: true,
  columns: [{ name: 'Type', cell: (service) => textOf(fieldAt(service, 'spec.type'), 'ClusterIP') }],
};
