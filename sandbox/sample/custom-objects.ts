import { hyperConvergeds } from '../kinds/hyper-converged.ts';
import { migrations } from '../kinds/migration.ts';
import { migrationPlans } from '../kinds/migration-plan.ts';
import { storageClusters } from '../kinds/storage-cluster.ts';
import { virtualMachines } from '../kinds/virtual-machine.ts';
import { dayMs, hourMs, type Plant } from './plant.ts';
import { VIRTUALIZATION_TROUBLE } from './service-versions.ts';

/** What the three installed operators keep: virtual machines, a storage cluster, migrations. */
export function plantCustomObjects(plant: Plant): void {
  const condition = (type: string, status: string, agoMs: number, message = '') => ({
    type,
    status,
    reason: 'Sample',
    message,
    lastTransitionTime: plant.ago(agoMs),
  });
  plant.put(
    hyperConvergeds,
    {
      metadata: { name: 'kubevirt-hyperconverged', namespace: 'openshift-cnv' },
      spec: { liveMigrationConfig: { parallelMigrationsPerCluster: 5 } },
      status: {
        conditions: [
          condition('Available', 'True', 11 * dayMs),
          condition('Degraded', 'True', 3 * hourMs, VIRTUALIZATION_TROUBLE),
        ],
      },
    },
    11 * dayMs,
  );
  plantVirtualMachines(plant);
  plant.put(
    storageClusters,
    {
      metadata: { name: 'ocs-storagecluster', namespace: 'openshift-storage' },
      spec: { storageDeviceSets: [{ name: 'sample-block', count: 1, replica: 3 }] },
      status: { phase: 'Ready', version: '4.22.0', conditions: [condition('Available', 'True', 11 * dayMs)] },
    },
    11 * dayMs,
  );
  const lost = 'VM warehouse-db: the disk transfer stopped at 61 %: connection reset by vcenter.sample.invalid';
  plant.put(
    migrationPlans,
    {
      metadata: { name: 'warehouse', namespace: 'openshift-mtv' },
      spec: { targetNamespace: 'sample-vms', warm: true, vms: [{ name: 'warehouse-web' }, { name: 'warehouse-db' }] },
      status: { conditions: [condition('Ready', 'True', 2 * dayMs), condition('Failed', 'True', 26 * hourMs, lost)] },
    },
    2 * dayMs,
  );
  plant.put(
    migrations,
    {
      metadata: { name: 'warehouse-1', namespace: 'openshift-mtv' },
      spec: { plan: { name: 'warehouse', namespace: 'openshift-mtv' } },
      status: {
        started: plant.ago(28 * hourMs),
        completed: plant.ago(26 * hourMs),
        conditions: [condition('Ready', 'True', 28 * hourMs), condition('Failed', 'True', 26 * hourMs, lost)],
      },
    },
    28 * hourMs,
  );
}

function plantVirtualMachines(plant: Plant): void {
  const states: Readonly<Record<string, string>> = {
    'warehouse-web': 'Running',
    'windows-licences': 'Running',
    'batch-night': 'Stopped',
  };
  for (const [name, printableStatus] of Object.entries(states)) {
    const isRunning = printableStatus === 'Running';
    plant.put(
      virtualMachines,
      {
        metadata: { name, namespace: 'sample-vms' },
        spec: {
          runStrategy: isRunning ? 'Always' : 'Halted',
          template: { spec: { domain: { cpu: { cores: 2 }, memory: { guest: '4Gi' }, devices: {} } } },
        },
        status: {
          created: isRunning,
          ready: isRunning,
          printableStatus,
          conditions: [
            { type: 'Ready', status: isRunning ? 'True' : 'False', lastTransitionTime: plant.ago(2 * dayMs) },
          ],
        },
      },
      8 * dayMs,
    );
  }
}
