import { configMaps } from '../kinds/config-map.ts';
import { persistentVolumes } from '../kinds/persistent-volume.ts';
import { persistentVolumeClaims } from '../kinds/persistent-volume-claim.ts';
import { routes } from '../kinds/route.ts';
import { secrets } from '../kinds/secret.ts';
import { services } from '../kinds/service.ts';
import { dayMs, hourMs, type Plant } from './plant.ts';

/** What the workloads come with: configuration, secrets (to see them hidden in a report), services and claims. */
export function plantBelongings(plant: Plant): void {
  plantConfiguration(plant);
  plantSecrets(plant);
  plantClaims(plant);
  const selector = { app: 'web' };
  const ports = [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }];
  const metadata = { name: 'web', namespace: 'sample-shop' };
  plant.put(services, { metadata, spec: { type: 'ClusterIP', selector, ports } }, 9 * dayMs);
  const to = { kind: 'Service', name: 'web', weight: 100 };
  const tls = { termination: 'edge', key: 'sample-route-key' };
  plant.put(routes, { metadata, spec: { host: 'shop.apps.sample.invalid', to, tls }, status: {} }, 9 * dayMs);
}

function plantConfiguration(plant: Plant): void {
  const put = (namespace: string, name: string, data: Record<string, string>, ageMs: number) =>
    plant.put(configMaps, { metadata: { name, namespace }, data }, ageMs);
  put('openshift-config-managed', 'console-public', { consoleURL: 'https://console.sample.invalid' }, 41 * dayMs);
  put('openshift-image-registry', 'image-registry-operator-lock', { holder: 'sample' }, 12 * dayMs);
  put(
    'sample-shop',
    'web',
    { 'shop.properties': 'currency=EUR\ncatalogue.pageSize=24\nrecommendations=off\n' },
    9 * dayMs,
  );
  put('sample-shop', 'orders', { QUEUE: 'orders', RETRIES: '5', TIMEOUT: '30s' }, 9 * dayMs);
}

function plantSecrets(plant: Plant): void {
  const put = (namespace: string, name: string, type: string, stringData: Record<string, string>) =>
    plant.put(secrets, { metadata: { name, namespace }, type, stringData }, 9 * dayMs);
  put('sample-shop', 'payment-provider', 'Opaque', { apiKey: 'sample-password', account: 'sample-account' });
  put('sample-shop', 'web-tls', 'kubernetes.io/tls', {
    'tls.crt': 'a public certificate would stand here (sample)\n',
    'tls.key': 'sample-password in the place of a key\n',
  });
  put('openshift-image-registry', 'image-registry-private-configuration', 'Opaque', {
    REGISTRY_HTTP_SECRET: 'sample-password',
  });
}

function plantClaims(plant: Plant): void {
  bound(plant, {
    namespace: 'openshift-image-registry',
    name: 'image-registry-storage',
    size: '100Gi',
    ageMs: 12 * dayMs,
  });
  bound(plant, { namespace: 'sample-shop', name: 'orders-journal', size: '10Gi', ageMs: 9 * dayMs });
  // Of a class that nobody provisions; an event says so.
  plant.put(persistentVolumeClaims, claimOf('sample-shop', 'reports-archive', '500Gi', 'sample-archive'), 3 * hourMs);
}

const claimOf = (namespace: string, name: string, size: string, storageClassName: string) => ({
  metadata: { name, namespace },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, storageClassName },
});

type Bound = { readonly namespace: string; readonly name: string; readonly size: string; readonly ageMs: number };

function bound(plant: Plant, { namespace, name, size, ageMs }: Bound): void {
  const draft = claimOf(namespace, name, size, 'sample-block');
  const volumeName = `pvc-sample-${name}`;
  const capacity = { storage: size };
  const { accessModes } = draft.spec;
  const status = { phase: 'Bound', accessModes, capacity };
  const claim = plant.put(persistentVolumeClaims, { ...draft, spec: { ...draft.spec, volumeName }, status }, ageMs);
  plant.put(
    persistentVolumes,
    {
      metadata: { name: volumeName },
      spec: {
        accessModes,
        capacity,
        storageClassName: 'sample-block',
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid: claim.metadata.uid },
        csi: { driver: 'block.csi.sample.invalid', volumeHandle: `sample-${name}` },
      },
      status: { phase: 'Bound' },
    },
    ageMs,
  );
}
