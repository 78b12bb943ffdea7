import { clusterVersions } from '../kinds/cluster-version.ts';
import { configMaps } from '../kinds/config-map.ts';
import { imageStreams } from '../kinds/image-stream.ts';
import { infrastructures } from '../kinds/infrastructure.ts';
import { proxies } from '../kinds/proxy.ts';
import { storageClasses } from '../kinds/storage-class.ts';
import { DEGRADED_OPERATOR } from './operators.ts';
import { dayMs, hourMs, minuteMs, type Plant } from './plant.ts';
import { gatherImages, nextSampleVersion, sampleVersion } from './versions.ts';

const born = 41 * dayMs;

/** What there is once in a cluster: its version, where it runs, the gather image that it brings. */
export function plantCluster(plant: Plant): void {
  plantVersion(plant);
  plant.put(
    infrastructures,
    {
      metadata: { name: 'cluster' },
      spec: { platformSpec: { type: 'None' } },
      status: {
        apiServerURL: 'https://api.sample.invalid:6443',
        controlPlaneTopology: 'SingleReplica',
        infrastructureName: 'sample-x7k2p',
        infrastructureTopology: 'HighlyAvailable',
        platform: 'None',
      },
    },
    born,
  );
  // A password in it, so that what an inspection hides can be seen.
  const proxy = { httpsProxy: 'http://egress:sample-password@proxy.sample.invalid:3128', noProxy: '.sample.invalid' };
  plant.put(proxies, { metadata: { name: 'cluster' }, spec: proxy, status: proxy }, born);
  plant.put(
    storageClasses,
    {
      metadata: { name: 'sample-block', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'block.csi.sample.invalid',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: true,
    },
    born,
  );
  plantGatherImage(plant);
  plant.put(
    configMaps,
    {
      metadata: { name: 'about-this-sample', namespace: 'default' },
      data: {
        about:
          'This is the sample cluster of the Muster sandbox. Nothing in it is real: no host, no image, no trouble.',
      },
    },
    born,
  );
}

function plantVersion(plant: Plant): void {
  const release = (version: string, digit: string) => ({
    version,
    image: `sample.invalid/openshift/release@sha256:${digit.repeat(64)}`,
    url: 'https://sample.invalid/errata',
  });
  const done = (version: string, startedAgoMs: number) => ({
    state: 'Completed',
    version,
    image: release(version, '0').image,
    startedTime: plant.ago(startedAgoMs),
    completionTime: plant.ago(startedAgoMs - 43 * minuteMs),
    verified: true,
  });
  const condition = (type: string, status: string, reason: string, message: string, agoMs: number) => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: plant.ago(agoMs),
  });
  const trouble = `Cluster operator ${DEGRADED_OPERATOR} is not available`;
  plant.put(
    clusterVersions,
    {
      metadata: { name: 'version' },
      // No version 4 or any other: nobody draws such an identifier.
      spec: { clusterID: '5a3b1e00-0000-0000-0000-5a3b1e5a3b1e', channel: 'stable-4.22' },
      status: {
        desired: release(sampleVersion, '3'),
        history: [done(sampleVersion, 12 * dayMs), done('4.22.1-sample', 26 * dayMs), done('4.21.9-sample', born)],
        availableUpdates: [release(nextSampleVersion, '4')],
        observedGeneration: 3,
        versionHash: 'sample',
        conditions: [
          condition('RetrievedUpdates', 'True', 'RemoteUpdatesAvailable', '', 41 * dayMs),
          condition('Upgradeable', 'True', 'AsExpected', '', 12 * dayMs),
          condition('Available', 'True', 'PayloadDone', `Done applying ${sampleVersion}`, born - 43 * minuteMs),
          condition('Failing', 'True', 'ClusterOperatorNotAvailable', trouble, 5 * hourMs),
          condition(
            'Progressing',
            'False',
            'ClusterOperatorNotAvailable',
            `Error while reconciling ${sampleVersion}: ${trouble.toLowerCase()}`,
            12 * dayMs - 43 * minuteMs,
          ),
        ],
      },
    },
    born,
  );
}

function plantGatherImage(plant: Plant): void {
  const reference = gatherImages.cluster;
  plant.put(
    imageStreams,
    {
      metadata: { name: 'must-gather', namespace: 'openshift' },
      spec: { tags: [{ name: 'latest', from: { kind: 'DockerImage', name: reference } }] },
      status: {
        dockerImageRepository: 'sample.invalid/openshift/must-gather',
        tags: [
          {
            tag: 'latest',
            items: [
              {
                created: plant.ago(12 * dayMs),
                dockerImageReference: reference,
                image: `sha256:${'3'.repeat(64)}`,
                generation: 2,
              },
            ],
          },
        ],
      },
    },
    born,
  );
}
