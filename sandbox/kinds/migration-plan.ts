import { conditionColumn } from '../conditions.ts';
import type { Resource } from '../resource.ts';

export const migrationPlans: Resource = {
  group: 'forklift.konveyor.io',
  version: 'v1beta1',
  plural: 'plans',
  kind: 'Plan',
  namespaced: true,
  singular: 'plan',
  hasStatus: true,
  columns: [
    conditionColumn('Ready', 'Ready'),
    conditionColumn('Executing', 'Executing'),
    conditionColumn('Succeeded', 'Succeeded'),
    conditionColumn('Failed', 'Failed'),
  ],
};
