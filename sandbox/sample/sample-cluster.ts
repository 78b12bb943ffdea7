import type { Api } from '../api.ts';
import { clusterOperators } from '../kinds/cluster-operator.ts';
import { clusterServiceVersions } from '../kinds/cluster-service-version.ts';
import { clusterVersions } from '../kinds/cluster-version.ts';
import { deployments } from '../kinds/deployment.ts';
import { hyperConvergeds } from '../kinds/hyper-converged.ts';
import { imageStreams } from '../kinds/image-stream.ts';
import { infrastructures } from '../kinds/infrastructure.ts';
import { migrations } from '../kinds/migration.ts';
import { migrationPlans } from '../kinds/migration-plan.ts';
import { persistentVolumes } from '../kinds/persistent-volume.ts';
import { proxies } from '../kinds/proxy.ts';
import { replicaSets } from '../kinds/replica-set.ts';
import { routes } from '../kinds/route.ts';
import { storageClasses } from '../kinds/storage-class.ts';
import { storageClusters } from '../kinds/storage-cluster.ts';
import { virtualMachines } from '../kinds/virtual-machine.ts';
import type { Resource } from '../resource.ts';
import { plantBelongings } from './belongings.ts';
import { plantCluster } from './cluster.ts';
import { plantCustomObjects } from './custom-objects.ts';
import { plantHappenings } from './happenings.ts';
import { plantNamespaces } from './namespaces.ts';
import { plantOperators } from './operators.ts';
import { createPlant } from './plant.ts';
import { plantServiceVersions } from './service-versions.ts';
import { plantWorkloads } from './workloads.ts';

/** The kinds that the sample needs beyond those of served.ts. Nothing reconciles them: they are there to be read. */
export const sampleKinds: readonly Resource[] = [
  clusterOperators,
  clusterServiceVersions,
  clusterVersions,
  deployments,
  hyperConvergeds,
  imageStreams,
  infrastructures,
  migrationPlans,
  migrations,
  persistentVolumes,
  proxies,
  replicaSets,
  routes,
  storageClasses,
  storageClusters,
  virtualMachines,
];

/**
 * Fills a sandbox that serves `sampleKinds` with a small OpenShift that looks a while old at `now`: its
 * registry is degraded, since its pod crash-loops, since its volume is full, and so is one operator that was installed. Every object has the label muster.dev/sample. Throws
 * `Refusal` where something of it is there already.
 */
export function fillSample(api: Pick<Api, 'store' | 'objects'>, now: Date = new Date()): void {
  const plant = createPlant(api, now);
  plantNamespaces(plant);
  plantCluster(plant);
  plantOperators(plant);
  plantServiceVersions(plant);
  plantBelongings(plant);
  plantCustomObjects(plant);
  plantHappenings(plant, plantWorkloads(plant));
}
