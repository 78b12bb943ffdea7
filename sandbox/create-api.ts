import { randomUUID } from 'node:crypto';
import { followAggregation } from './access/aggregation.ts';
import { makeBootstrapRoles } from './access/bootstrap.ts';
import { createAccess } from './access/create-access.ts';
import { followNamespaces } from './access/namespace-defaults.ts';
import { tokenRequest } from './access/token-request.ts';
import type { Api } from './api.ts';
import { followDefinitions } from './crd/definitions.ts';
import { namespaces } from './kinds/namespace.ts';
import { podExec } from './kubelet/exec.ts';
import type { Kubelet } from './kubelet/kubelet.ts';
import { podLog } from './kubelet/pod-log.ts';
import { followDeletions } from './lifecycle.ts';
import { createObjects } from './objects.ts';
import type { Resource } from './resource.ts';
import { served } from './served.ts';
import { Refusal } from './status.ts';
import { createStore } from './store.ts';

export type ApiOptions = {
  readonly historySize?: number;
  readonly kinds?: readonly Resource[];
  readonly now: () => Date;
  readonly caPem: string;
  /** Who runs the pods, once there is somebody. */
  readonly kubelet: () => Kubelet | undefined;
};

const firstNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** The API as it is at the start of a cluster, with what follows its changes; `stop` ends that. */
export async function createApi(options: ApiOptions): Promise<{ api: Api; stop: () => void }> {
  const { historySize, kinds = [], now, caPem } = options;
  const store = createStore(historySize);
  const objects = createObjects(store, { now, uuid: randomUUID });
  const access = await createAccess(store, now);
  const builtIn = [...served, ...kinds];
  const definitions = followDefinitions({ store, objects, now, builtIn });
  const kubelet = () => {
    const running = options.kubelet();
    if (running === undefined) throw new Refusal(503, 'ServiceUnavailable', 'this sandbox runs no pods');
    return running;
  };
  const subresources = new Map([
    ['pods/log', podLog(kubelet)],
    ['pods/exec', podExec(kubelet)],
    ['serviceaccounts/token', tokenRequest(store, access)],
  ]);
  const api: Api = { store, objects, access, kinds: () => [...builtIn, ...definitions.kinds()], subresources };
  makeBootstrapRoles(objects);
  const stops = [definitions.stop, followDeletions(api), followAggregation(api), followNamespaces(api, caPem)];
  for (const name of firstNamespaces) {
    objects.create({ resource: namespaces, namespace: undefined, name: '' }, { metadata: { name } });
  }
  return { api, stop: () => stops.map((stop) => stop()) };
}
