import { configMaps } from '../kinds/config-map.ts';
import { persistentVolumes } from '../kinds/persistent-volume.ts';
import { persistentVolumeClaims } from '../kinds/persistent-volume-claim.ts';
import { routes } from '../kinds/route.ts';
import { secrets } from '../kinds/secret.ts';
import { services } from '../kinds/service.ts';
import { dayMs, type Plant } from './plant.ts';

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
  plantVolume(plant, {
    namespace: 'openshift-image-registry',
    name: 'image-registry-storage',
    size: '100Gi',
    ageMs: 12 * dayMs,
  });
  plantVolume(plant, { namespace: 'sample-shop', name: 'orders-journal', size: '10Gi', ageMs: 9 * dayMs });
  const lost = claimOf('sample-shop', 'reports-archive', '500Gi');
  const spec = { ...lost.spec, volumeName: 'pvc-sample-lost' };
  plant.put(persistentVolumeClaims, { ...lost, spec, status: { phase: 'Lost' } }, 9 * dayMs);
}

const claimOf = (namespace: string, name: string, size: string) => ({
  metadata: { name, namespace },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: size } },
    storageClassName: 'sample-block',
  },
});

type Claimed = { readonly namespace: string; readonly name: string; readonly size: string; readonly ageMs: number };

/** A claim and the volume that it will be bound to by whoever runs the pods: there it gets a folder. */
function plantVolume(plant: Plant, { namespace, name, size, ageMs }: Claimed): void {
  const claim = plant.put(persistentVolumeClaims, claimOf(namespace, name, size), ageMs);
  const { uid = '' } = claim.metadata;
  plant.put(
    persistentVolumes,
    {
      metadata: { name: `pvc-${uid}` },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: size },
        storageClassName: 'sample-block',
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
        csi: { driver: 'block.csi.sample.invalid', volumeHandle: `sample-${name}` },
      },
      status: { phase: 'Bound' },
    },
    ageMs,
  );
}
