import { KubeError } from '../kube/errors.ts';
import type { Kind, KubeObject } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';

type Route = KubeObject & { spec?: { host?: string; to?: { name?: string } } };
type Ingress = KubeObject & {
  spec?: {
    rules?: { host?: string; http?: { paths?: { backend?: { service?: { name?: string } } }[] } }[];
  };
};
const routes: Kind<Route> = {
  group: 'route.openshift.io',
  version: 'v1',
  plural: 'routes',
  kind: 'Route',
  namespaced: true,
};
const ingresses: Kind<Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ingresses',
  kind: 'Ingress',
  namespaced: true,
};

/** The name of the Service that deploy/base makes. */
export const SERVICE_NAME = 'muster';

/**
 * Where people reach the service in a cluster: the host of a Route or an Ingress that leads to its Service, else the
 * Service itself. What cannot be read is told, and passed over.
 */
export async function findPublicUrl(kube: Kube, namespace: string, say: (line: string) => void): Promise<string> {
  const hosts: (string | undefined)[] = [];
  await passOver(async () => {
    for await (const { spec } of kube.list(routes, { namespace })) {
      if (spec?.to?.name === SERVICE_NAME) hosts.push(spec.host);
    }
  }, say);
  await passOver(async () => {
    for await (const { spec } of kube.list(ingresses, { namespace })) {
      for (const { host, http } of spec?.rules ?? []) {
        if (http?.paths?.some(({ backend }) => backend?.service?.name === SERVICE_NAME)) hosts.push(host);
      }
    }
  }, say);
  const host = hosts.find((found) => found !== undefined && found !== '');
  return `https://${host ?? `${SERVICE_NAME}.${namespace}.svc`}`;
}

async function passOver(read: () => Promise<void>, say: (line: string) => void): Promise<void> {
  try {
    await read();
  } catch (error) {
    // A cluster without Routes is the usual one.
    if (!(error instanceof KubeError)) throw error;
    if (error.status !== 404) say(`the address of the service is looked for elsewhere: ${error.message}`);
  }
}
