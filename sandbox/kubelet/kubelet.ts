import { mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Access } from '../access/access.ts';
import type { Api } from '../api.ts';
import { configMaps } from '../kinds/config-map.ts';
import { persistentVolumeClaims } from '../kinds/persistent-volume-claim.ts';
import { pods } from '../kinds/pod.ts';
import { secrets } from '../kinds/secret.ts';
import { services } from '../kinds/service.ts';
import { Refusal } from '../status.ts';
import { chooseIsolation } from './choose-isolation.ts';
import { createClaims } from './claims.ts';
import type { Isolation } from './container.ts';
import { lineClock } from './container-log.ts';
import { entriesOf, Missing, type ReadEntries } from './environment.ts';
import { eventRecorder } from './events.ts';
import type { Image } from './images.ts';
import { createNode, type NodeDescription, nodeAddress } from './nodes.ts';
import type { NodeServices } from './pod-context.ts';
import { type PodReach, reachPods } from './pod-reach.ts';
import type { SandboxPod } from './pod-shape.ts';
import { statusOf } from './pod-state.ts';
import { syncPods } from './pod-sync.ts';
import { startPodWorker } from './pod-worker.ts';
import { createServices } from './services.ts';
import { startReaper } from './start-reaper.ts';

export type KubeletOptions = {
  /** The API's address as containers reach it. */
  readonly host: string;
  readonly port: number;
  readonly nodes: readonly NodeDescription[];
  readonly images: () => readonly Image[];
  readonly issueToken: Access['issueToken'];
  readonly now: () => Date;
  /** Insists on one way to isolate containers; throws where it cannot be had. */
  readonly isolation?: Isolation['kind'] | undefined;
  /** The first wait before a container is started again; 10 s as in a real one unless told. */
  readonly backoffMs?: number | undefined;
};

export type Kubelet = PodReach & {
  readonly isolation: Isolation['kind'];
  /** Where its files are; removed at its end, whatever ends it. */
  readonly folder: string;
  now(): number;
  /** Ends every container; nothing is left of them, nor of their files. */
  close(): Promise<void>;
};

const muster = fileURLToPath(new URL('../..', import.meta.url));
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Scheduler and kubelets of the sandbox in one: runs its pods as processes of this machine. */
export async function startKubelet(api: Api, options: KubeletOptions): Promise<Kubelet> {
  const { store, objects } = api;
  const { now } = options;
  const timestamp = () =>
    now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
  const folder = await mkdtemp(join(tmpdir(), 'muster-sandbox-'));
  const reaper = startReaper(folder);
  const programs = await linkPrograms(folder);
  const isolation = await chooseIsolation(folder, [muster, dirname(process.execPath), programs], options.isolation);
  for (const node of options.nodes) createNode(objects, node, timestamp());
  const claims = createClaims(api, join(folder, 'claims'));
  const hostsFile = join(folder, 'hosts');
  const say = eventRecorder(api, 'muster-sandbox', timestamp);
  const serving = createServices(api, hostsFile, say);

  const servicesFor = (pod: SandboxPod): NodeServices => {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const read = readerOf(api, namespace);
    const serviceAccount = pod.spec.serviceAccountName ?? 'default';
    const target = { resource: pods, namespace, name, subresource: 'status' };
    return {
      isolation,
      images: options.images,
      commonMounts: [{ path: '/etc/hosts', real: hostsFile, readOnly: true }],
      timestamp,
      stamp: lineClock(() => now().getTime()),
      backoffMs: options.backoffMs ?? 10_000,
      sources: {
        read,
        claimFolder: (claimName) => claims.folder(namespace, claimName),
        async issueToken({ audience, expirationSeconds }) {
          const audiences = audience === undefined ? {} : { audiences: [audience] };
          const request = { namespace, serviceAccount, expirationSeconds, pod: { name, uid }, ...audiences };
          try {
            return (await options.issueToken(request)).token;
          } catch (error) {
            // The account may have gone since the pod was admitted, and may come again.
            if (error instanceof Refusal && error.code === 404) throw new Missing(error.message);
            throw error;
          }
        },
      },
      baseEnv: () => ({
        PATH: `${programs}:${systemPath}`,
        HOME: '/tmp',
        HOSTNAME: name,
        ...serving.variables(namespace),
        KUBERNETES_SERVICE_HOST: options.host,
        KUBERNETES_SERVICE_PORT: String(options.port),
        KUBERNETES_SERVICE_PORT_HTTPS: String(options.port),
      }),
      event: (type, reason, message) => say(pod, type, reason, message),
      started: reaper.started,
      ended: reaper.ended,
      report(record) {
        const current = store.get(pods, namespace, name) as SandboxPod | undefined;
        if (current?.metadata.uid !== uid) return;
        objects.replace(target, {
          ...current,
          status: statusOf(current, record, { hostIP: nodeAddress, now: timestamp() }),
        });
      },
    };
  };
  const podSync = syncPods(api, {
    say,
    timestamp,
    startWorker: (pod) => startPodWorker(pod, join(folder, 'pods', pod.metadata.uid ?? ''), servicesFor(pod)),
  });
  const { started, ended } = reaper;
  const reach = reachPods(api, { workerOf: podSync.workerOf, isolation, started, ended });

  let planned: NodeJS.Immediate | undefined;
  const sync = () => {
    planned = undefined;
    claims.sync();
    serving.sync();
    podSync.sync();
  };
  const unsubscribe = store.subscribe(({ resource, object, previous }) => {
    if (object === undefined && previous !== undefined) {
      if (resource.plural === persistentVolumeClaims.plural) claims.removed(previous);
      if (resource.plural === services.plural) serving.removed(previous);
    }
    planned ??= setImmediate(sync);
  });
  sync();

  return {
    ...reach,
    isolation: isolation.kind,
    folder,
    now: () => now().getTime(),
    async close() {
      unsubscribe();
      clearImmediate(planned);
      serving.close();
      await podSync.close();
      await reaper.close();
    },
  };
}

/** A folder with the programs that every container finds: this Node, and Muster itself. */
async function linkPrograms(folder: string): Promise<string> {
  const programs = join(folder, 'bin');
  await mkdir(programs);
  await symlink(process.execPath, join(programs, 'node'));
  await symlink(join(muster, 'bin', 'muster.js'), join(programs, 'muster'));
  return programs;
}

function readerOf({ store }: Pick<Api, 'store'>, namespace: string): ReadEntries {
  return (kind, name) => {
    const object = store.get(kind === 'secret' ? secrets : configMaps, namespace, name);
    return object && entriesOf(object);
  };
}
