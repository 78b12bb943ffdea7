import { randomBytes } from 'node:crypto';
import { pods } from '../kinds/pod.ts';
import { serviceAccounts } from '../kinds/service-account.ts';
import { isRecord, type Stored } from '../resource.ts';
import { forbidden } from '../status.ts';
import type { Store } from '../store.ts';
import { ROOT_CA_NAME } from './namespace-defaults.ts';
import { POD_TOKEN_SECONDS } from './tokens.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Gives a new pod the account that it runs as, and its containers that account's token, as the real one's admission
 * does. Changes `pod`; throws a 403 for an account that is not there.
 */
export function admitAccount(store: Store, pod: Stored): void {
  const { namespace, name: podName = '' } = pod.metadata;
  const spec = isRecord(pod.spec) ? pod.spec : {};
  const name = String(spec.serviceAccountName || spec.serviceAccount || 'default');
  const account = store.get(serviceAccounts, namespace, name);
  if (account === undefined) {
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
    throw forbidden(pods, podName, why);
  }
  const wantsToken = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  const admitted = { ...spec, serviceAccountName: name, serviceAccount: name };
  pod.spec = wantsToken === false ? admitted : withToken(admitted);
}

function withToken(spec: Record<string, unknown>): Record<string, unknown> {
  const volumeName = `kube-api-access-${randomBytes(4).toString('hex').slice(0, 5)}`;
  let isNeeded = false;
  const mounted = (containers: unknown) => {
    if (!Array.isArray(containers)) return containers;
    return containers.map((container: unknown) => {
      if (!isRecord(container)) return container;
      const mounts: unknown[] = Array.isArray(container.volumeMounts) ? container.volumeMounts : [];
      // Somebody has put something of their own there.
      if (mounts.some((mount) => isRecord(mount) && mount.mountPath === mountPath)) return container;
      isNeeded = true;
      return { ...container, volumeMounts: [...mounts, { name: volumeName, readOnly: true, mountPath }] };
    });
  };
  const containers = mounted(spec.containers);
  const initContainers = mounted(spec.initContainers);
  if (!isNeeded) return spec;
  const volumes = [...(Array.isArray(spec.volumes) ? spec.volumes : []), tokenVolume(volumeName)];
  return { ...spec, containers, ...(initContainers === undefined ? {} : { initContainers }), volumes };
}

const tokenVolume = (name: string) => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { expirationSeconds: POD_TOKEN_SECONDS, path: 'token' } },
      { configMap: { name: ROOT_CA_NAME, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
});
