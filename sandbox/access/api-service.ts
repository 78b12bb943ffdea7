import { services } from '../kinds/service.ts';
import type { Objects } from '../objects.ts';

/** The service by which pods know the API server: here it is where the sandbox really listens. */
export function makeApiService(objects: Pick<Objects, 'create'>, address: string, port: number): void {
  const spec = {
    type: 'ClusterIP',
    clusterIP: address,
    clusterIPs: [address],
    ports: [{ name: 'https', protocol: 'TCP', port, targetPort: port }],
    sessionAffinity: 'None',
  };
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const target = { resource: services, namespace: 'default', name: '' };
  objects.create(target, { metadata: { name: 'kubernetes', labels }, spec });
}
