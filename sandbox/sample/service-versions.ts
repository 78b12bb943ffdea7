import { clusterServiceVersions } from '../kinds/cluster-service-version.ts';
import { dayMs, type Plant } from './plant.ts';
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
};

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
  for (const { namespace, name, displayName, description, version, replaces, gatherImage, color } of services) {
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
        status: {
          phase: 'Succeeded',
          reason: 'InstallSucceeded',
          message: 'install strategy completed with no errors',
          lastTransitionTime: plant.ago(11 * dayMs),
        },
      },
      11 * dayMs,
    );
  }
}
