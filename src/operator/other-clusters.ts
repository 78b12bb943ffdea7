import { connect } from '../kube/connect.ts';
import { type Secret, secrets } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { MusterError, messageOf } from '../report/errors.ts';

/** On Secrets of the service's namespace that hold, under `kubeconfig`, how to reach another cluster. */
export const CLUSTER_LABEL = 'muster.dev/cluster';
const ASK_WITHIN_MS = 30_000;

/** The clusters besides the service's own, which administrators told of by labelled Secrets. */
export type OtherClusters = {
  /** The cluster whose API has this address. Throws MusterError NotFound, with the field, where nobody told of it. */
  at(server: string): Promise<Kube>;
  close(): Promise<void>;
};

type Known = { readonly kube: Kube; readonly version: string };

export function createOtherClusters(kube: Kube, namespace: string): OtherClusters {
  const known = new Map<string, Known>();
  const retired: Kube[] = [];
  return {
    at: async (server) => {
      const wanted = addressOf(server);
      const signal = AbortSignal.timeout(ASK_WITHIN_MS);
      const unusable: string[] = [];
      for await (const secret of kube.list(secrets, { namespace, labelSelector: CLUSTER_LABEL, signal })) {
        const { name = '', resourceVersion = '' } = secret.metadata;
        const before = known.get(name);
        if (before?.version === resourceVersion && addressOf(before.kube.server) === wanted) return before.kube;
        const opened = await openedFrom(secret).catch((error: unknown) => {
          unusable.push(`Secret ${name}: ${messageOf(error)}`);
        });
        // One that nobody can use keeps nobody from the others.
        if (opened === undefined) continue;
        if (addressOf(opened.server) !== wanted) {
          await opened.close();
          continue;
        }
        // A report may still be at work with the old one.
        if (before !== undefined) retired.push(before.kube);
        known.set(name, { kube: opened, version: resourceVersion });
        return opened;
      }
      const message = `no cluster with the address ${server} is known here: no Secret ${namespace}/* labelled ${CLUSTER_LABEL} has it`;
      throw new MusterError('NotFound', [message, ...unusable].join('; '), { field: 'server' });
    },
    close: async () => {
      await Promise.all([...known.values()].map((each) => each.kube.close()));
      await Promise.all(retired.map((each) => each.close()));
    },
  };
}

/** Its kubeconfig is followed to no file and no program of this machine. */
function openedFrom({ data }: Secret): Promise<Kube> {
  return connect({ kubeconfigText: Buffer.from(data?.kubeconfig ?? '', 'base64').toString(), env: {} });
}

/** Two spellings of one address: a slash at the end, the usual port, the case of the host. */
function addressOf(server: string): string {
  return new URL(server).href.replace(/\/$/, '');
}
