import { mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Access } from '../access/access.ts';
import type { Api } from '../api.ts';
import { persistentVolumeClaims } from '../kinds/persistent-volume-claim.ts';
import { services } from '../kinds/service.ts';
import { timestampOf } from '../resource.ts';
import { chooseIsolation } from './choose-isolation.ts';
import { createClaims } from './claims.ts';
import type { Isolation } from './container.ts';
import { eventRecorder } from './events.ts';
import type { Image } from './images.ts';
import { nodeServices } from './node-services.ts';
import { createNode, type NodeDescription } from './nodes.ts';
import { type PodReach, reachPods } from './pod-reach.ts';
import { syncPods } from './pod-sync.ts';
import { startPodWorker } from './pod-worker.ts';
import { createServices } from './services.ts';
import { type Reaper, startReaper } from './start-reaper.ts';

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

/** Scheduler and kubelets of the sandbox in one: runs its pods as processes of this machine. Leaves nothing when it throws. */
export async function startKubelet(api: Api, options: KubeletOptions): Promise<Kubelet> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-sandbox-'));
  const reaper = startReaper(folder);
  try {
    return await kubeletIn(folder, reaper, api, options);
  } catch (error) {
    await reaper.close();
    throw error;
  }
}

async function kubeletIn(folder: string, reaper: Reaper, api: Api, options: KubeletOptions): Promise<Kubelet> {
  const { store, objects } = api;
  const { now } = options;
  const timestamp = () => timestampOf(now());
  const programs = await linkPrograms(folder);
  const isolation = await chooseIsolation(folder, [muster, dirname(process.execPath), programs], options.isolation);
  for (const node of options.nodes) createNode(objects, node, timestamp());
  const claims = createClaims(api, join(folder, 'claims'));
  const hostsFile = join(folder, 'hosts');
  const say = eventRecorder(api, 'muster-sandbox', timestamp);
  const serving = createServices(api, hostsFile, say);
  const servicesFor = nodeServices(api, { ...options, isolation, reaper, claims, serving, hostsFile, programs, say });
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
