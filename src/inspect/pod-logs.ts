import { isNotFound, KubeError } from '../kube/errors.ts';
import type { ContainerStatus, Pod } from '../kube/kinds.ts';
import { podPath } from '../kube/paths.ts';
import type { Inspector } from './inspector.ts';
import { rotatedLogs } from './rotated-logs.ts';
import { openText } from './text-stream.ts';
import { treePath } from './tree.ts';

/** What reading a pod's logs takes: thousands of these wait at a time, whole pods would not fit. */
export type PodBrief = {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** The kubelet's name for this pod's folder of logs: its UID, or the digest of a static pod's manifest. */
  readonly logId: string;
  readonly containers: readonly { readonly name: string; readonly hasLog: boolean; readonly hasPrevious: boolean }[];
};

/** A node whose logs could not be read so often in a row is asked no more. */
const mostNodeFailures = 3;

export function podBrief({ metadata, spec, status }: Pod): PodBrief {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const node = spec.nodeName ?? '';
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    node,
    logId: logIdOf(metadata),
    containers: [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => {
      const of = statuses.find((one) => one.name === name);
      return { name, hasLog: node !== '' && hasRun(of), hasPrevious: node !== '' && hasRunBefore(of) };
    }),
  };
}

/** The annotation is the kubelet's on a static pod, and anybody's on others: it must not lead to another folder. */
function logIdOf({ annotations, uid = '' }: Pod['metadata']): string {
  const digest = annotations?.['kubernetes.io/config.hash'] ?? '';
  return /^[\w-]+$/.test(digest) ? digest : uid;
}

function hasRun(status: ContainerStatus | undefined): boolean {
  return Boolean(status?.state?.running ?? status?.state?.terminated ?? status?.lastState?.terminated);
}

function hasRunBefore(status: ContainerStatus | undefined): boolean {
  return status?.lastState?.terminated !== undefined || (status?.restartCount ?? 0) > 0;
}

/** A job for each log of each container, of init containers too. */
export function logJobs(inspector: Inspector, pod: PodBrief): void {
  const { pool, tree, logs } = inspector;
  for (const { name, hasLog, hasPrevious } of pod.containers) {
    const folder = treePath('namespaces', pod.namespace, 'pods', pod.name, name, name, 'logs');
    // Where there is no log there is an empty file, as oc leaves it: readers such as omc open both. Of its second
    // attempt (`*.insecure.log`) oc leaves one too, which nobody reads; here it is there only when it holds something.
    pool.add(() =>
      hasLog ? podLog(inspector, pod, name, folder, 'current') : tree.write(`${folder}/current.log`, []),
    );
    pool.add(() =>
      hasPrevious ? podLog(inspector, pod, name, folder, 'previous') : tree.write(`${folder}/previous.log`, []),
    );
    if (logs.rotated && hasLog) {
      pool.add(() => guarded(inspector, pod.node, () => rotatedLogs(inspector, pod, name, folder)));
    }
  }
}

async function podLog(
  inspector: Inspector,
  pod: PodBrief,
  container: string,
  folder: string,
  which: 'current' | 'previous',
): Promise<void> {
  const { tree } = inspector;
  const file = `${folder}/${which}.log`;
  const read = async (path: string, isInsecure: boolean) =>
    tree.write(path, await openLog(inspector, pod, container, which, isInsecure));
  await guarded(inspector, pod.node, async () => {
    try {
      await read(file, false);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (isNoLog(error)) {
        await tree.write(file, []);
        return;
      }
      // oc tries again after any failure; it can help only when the kubelet's certificate is what is wrong. With the
      // colon that Go's libraries put there: the message holds the names of pods, too.
      if (!/(x509|tls): /.test(error.message)) throw error;
      inspector.note(`read without checking the kubelet's certificate: ${pod.namespace}/${pod.name}`);
      await read(`${folder}/${which}.insecure.log`, true);
    }
  });
}

/** The pod is gone, or its container did not run yet or never before: the cluster's life goes on while it is read. */
function isNoLog(error: KubeError): boolean {
  const said = /previous terminated container .* not found|waiting to start|does not have a host assigned/;
  return isNotFound(error) || said.test(error.message);
}

/** Skips a node that is down, after the first few failures told so. */
async function guarded({ nodeFailures, note }: Inspector, node: string, read: () => Promise<void>): Promise<void> {
  const failures = nodeFailures.get(node) ?? 0;
  if (failures >= mostNodeFailures) {
    note(`node ${node} does not give logs: the others of its logs are left out`);
    return;
  }
  try {
    await read();
    nodeFailures.delete(node);
  } catch (error) {
    const isDown = error instanceof KubeError && (error.status === 0 || error.status >= 500);
    if (isDown) nodeFailures.set(node, (nodeFailures.get(node) ?? 0) + 1);
    throw error;
  }
}

function openLog(
  { kube, signal, logs }: Inspector,
  pod: PodBrief,
  container: string,
  which: 'current' | 'previous',
  isInsecure: boolean,
): Promise<AsyncIterable<Uint8Array>> {
  const query: [string, string][] = [
    ['container', container],
    ['timestamps', 'true'],
  ];
  if (which === 'previous') query.push(['previous', 'true']);
  if (logs.sinceSeconds !== undefined) query.push(['sinceSeconds', String(logs.sinceSeconds)]);
  if (logs.sinceTime !== undefined) query.push(['sinceTime', logs.sinceTime]);
  if (logs.tailLines !== undefined) query.push(['tailLines', String(logs.tailLines)]);
  if (isInsecure) query.push(['insecureSkipTLSVerifyBackend', 'true']);
  return openText(kube, podPath(pod.namespace, pod.name, 'log'), query, signal);
}
