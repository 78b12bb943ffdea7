import { conditionColumn } from '../conditions.ts';
import type { Resource } from '../resource.ts';

export const migrations: Resource = {
  group: 'forklift.konveyor.io',
  version: 'v1beta1',
  plural: 'migrations',
  kind: 'Migration',
  namespaced: true,
  singular: 'migration',
  hasStatus: true,
  columns: [
    conditionColumn('Ready', 'Ready'),
    conditionColumn('Running', 'Running'),
    conditionColumn('Succeeded', 'Succeeded'),
    conditionColumn('Failed', 'Failed'),
  ],
};
