import type { Api } from '../api.ts';
import { configMaps } from '../kinds/config-map.ts';
import { pods } from '../kinds/pod.ts';
import { secrets } from '../kinds/secret.ts';
import { timestampOf } from '../resource.ts';
import { Refusal } from '../status.ts';
import type { createClaims } from './claims.ts';
import type { Isolation } from './container.ts';
import { lineClock } from './container-log.ts';
import { entriesOf, Missing, type ReadEntries } from './environment.ts';
import type { Say } from './events.ts';
import type { KubeletOptions } from './kubelet.ts';
import { nodeAddress } from './nodes.ts';
import type { NodeServices } from './pod-context.ts';
import type { SandboxPod } from './pod-shape.ts';
import { statusOf } from './pod-state.ts';
import type { createServices } from './services.ts';
import type { Reaper } from './start-reaper.ts';
import type { VolumeSources } from './volumes.ts';

type Parts = Omit<KubeletOptions, 'isolation'> & {
  readonly isolation: Isolation;
  readonly reaper: Reaper;
  readonly claims: ReturnType<typeof createClaims>;
  readonly serving: ReturnType<typeof createServices>;
  readonly hostsFile: string;
  /** The folder of programs that every container finds. */
  readonly programs: string;
  readonly say: Say;
};

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What the node does for each of its pods. */
export function nodeServices(api: Api, parts: Parts): (pod: SandboxPod) => NodeServices {
  const { isolation, images, now, backoffMs = 10_000, hostsFile, reaper, say } = parts;
  const timestamp = () => timestampOf(now());
  return (pod) => ({
    isolation,
    images,
    commonMounts: [{ path: '/etc/hosts', real: hostsFile, readOnly: true }],
    timestamp,
    stamp: lineClock(() => now().getTime()),
    backoffMs,
    sources: sourcesOf(api, parts, pod),
    baseEnv: () => variablesOf(parts, pod),
    event: (type, reason, message) => say(pod, type, reason, message),
    started: reaper.started,
    ended: reaper.ended,
    report(record) {
      const { namespace, name = '', uid } = pod.metadata;
      const current = api.store.get(pods, namespace, name) as SandboxPod | undefined;
      if (current === undefined || current.metadata.uid !== uid) return;
      const status = statusOf(current, record, { hostIP: nodeAddress, now: timestamp() });
      api.objects.replace({ resource: pods, namespace, name, subresource: 'status' }, { ...current, status });
    },
  });
}

function sourcesOf(api: Api, { claims, issueToken }: Parts, pod: SandboxPod): VolumeSources {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const serviceAccount = pod.spec.serviceAccountName ?? 'default';
  return {
    read: readerOf(api, namespace),
    claimFolder: (claimName) => claims.folder(namespace, claimName),
    async issueToken({ audience, expirationSeconds }) {
      const audiences = audience === undefined ? {} : { audiences: [audience] };
      const order = { namespace, serviceAccount, expirationSeconds, pod: { name, uid }, ...audiences };
      try {
        return (await issueToken(order)).token;
      } catch (error) {
        // The account may have gone since the pod was admitted, and may come again.
        if (error instanceof Refusal && error.code === 404) throw new Missing(error.message);
        throw error;
      }
    },
  };
}

function variablesOf({ programs, serving, host, port }: Parts, { metadata }: SandboxPod): Record<string, string> {
  return {
    PATH: `${programs}:${systemPath}`,
    HOME: '/tmp',
    HOSTNAME: metadata.name ?? '',
    ...serving.variables(metadata.namespace ?? ''),
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT: String(port),
    KUBERNETES_SERVICE_PORT_HTTPS: String(port),
  };
}

function readerOf({ store }: Pick<Api, 'store'>, namespace: string): ReadEntries {
  return (kind, name) => {
    const object = store.get(kind === 'secret' ? secrets : configMaps, namespace, name);
    return object && entriesOf(object);
  };
}
