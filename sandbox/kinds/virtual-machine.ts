import { conditionColumn } from '../conditions.ts';
import { fieldAt, type Resource, textOf } from '../resource.ts';

export const virtualMachines: Resource = {
  group: 'kubevirt.io',
  version: 'v1',
  plural: 'virtualmachines',
  kind: 'VirtualMachine',
  namespaced: true,
  singular: 'virtualmachine',
  shortNames: ['vm', 'vms'],
  categories: ['all'],
  hasStatus: true,
  columns: [
    { name: 'Status', cell: (machine) => textOf(fieldAt(machine, 'status.printableStatus')) },
    conditionColumn('Ready', 'Ready'),
  ],
};
