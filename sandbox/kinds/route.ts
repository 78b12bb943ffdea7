import { fieldAt, type Resource, textOf } from '../resource.ts';

export const routes: Resource = {
  group: 'route.openshift.io',
  version: 'v1',
  plural: 'routes',
  kind: 'Route',
  namespaced: true,
  singular: 'route',
  categories: ['all'],
  hasStatus: true,
  columns: [
    { name: 'Host/Port', cell: (route) => textOf(fieldAt(route, 'spec.host')) },
    { name: 'Services', cell: (route) => textOf(fieldAt(route, 'spec.to.name')) },
    { name: 'Termination', cell: (route) => textOf(fieldAt(route, 'spec.tls.termination'), '') },
  ],
};
