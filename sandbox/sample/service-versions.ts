import { clusterServiceVersions } from '../kinds/cluster-service-version.ts';
import { dayMs, hourMs, type Plant } from './plant.ts';
import { gatherImages } from './versions.ts';

type Service = {
  readonly namespace: string;
  /** Of the package; the object's name has the version as well. */
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly version: string;
  readonly replaces: string;
  readonly gatherImage: string;
  readonly color: string;
  /** Why it is not well. */
  readonly trouble?: string;
};

/** What the operator of virtual machines says of itself. */
export const VIRTUALIZATION_TROUBLE =
  'virt-handler runs on 1 of 2 nodes: sample-worker-1 offers no /dev/kvm, so no virtual machine can start there';

const services: readonly Service[] = [
  {
    namespace: 'openshift-cnv',
    name: 'kubevirt-hyperconverged-operator',
    displayName: 'Virtualization (sample)',
    description: 'Virtual machines beside containers.',
    version: '4.22.1',
    replaces: '4.22.0',
    gatherImage: gatherImages.virtualization,
    color: '#0066cc',
    trouble: VIRTUALIZATION_TROUBLE,
  },
  {
    namespace: 'openshift-storage',
    name: 'odf-operator',
    displayName: 'Storage (sample)',
    description: 'Block, file and object storage from the disks of the nodes.',
    version: '4.22.0',
    replaces: '4.21.6',
    gatherImage: gatherImages.storage,
    color: '#63993d',
  },
  {
    namespace: 'openshift-mtv',
    name: 'mtv-operator',
    displayName: 'Migration (sample)',
    description: 'Brings virtual machines from elsewhere.',
    version: '2.11.0',
    replaces: '2.10.4',
    gatherImage: gatherImages.migration,
    color: '#5e40be',
  },
];

export const serviceNamespaces: readonly string[] = services.map(({ namespace }) => namespace);

/** Operators that a person installed, each naming the gather image that knows it. */
export function plantServiceVersions(plant: Plant): void {
  for (const service of services) {
    const { namespace, name, displayName, description, version, replaces, gatherImage, color } = service;
    const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="${color}"/></svg>`;
    plant.put(
      clusterServiceVersions,
      {
        metadata: {
          name: `${name}.v${version}`,
          namespace,
          annotations: { 'operators.openshift.io/must-gather-image': gatherImage },
        },
        spec: {
          displayName,
          description,
          version,
          replaces: `${name}.v${replaces}`,
          maturity: 'stable',
          provider: { name: 'Muster sandbox' },
          icon: [{ mediatype: 'image/svg+xml', base64data: Buffer.from(icon).toString('base64') }],
        },
        status: statusOf(service, plant),
      },
      11 * dayMs,
    );
  }
}

function statusOf({ trouble }: Service, plant: Plant): object {
  const lastTransitionTime = plant.ago(trouble === undefined ? 11 * dayMs : 3 * hourMs);
  return trouble === undefined
    ? {
        phase: 'Succeeded',
        reason: 'InstallSucceeded',
        message: 'install strategy completed with no errors',
        lastTransitionTime,
      }
    : { phase: 'Failed', reason: 'ComponentUnhealthy', message: trouble, lastTransitionTime };
}
