import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { isIP } from 'node:net';
import { followAggregation } from './access/aggregation.ts';
import { makeApiService } from './access/api-service.ts';
import { makeBootstrapRoles } from './access/bootstrap.ts';
import { createAccess } from './access/create-access.ts';
import { followNamespaces } from './access/namespace-defaults.ts';
import { tokenRequest } from './access/token-request.ts';
import type { Api } from './api.ts';
import { issueCertificates } from './certificates.ts';
import { followDefinitions } from './crd/definitions.ts';
import { createFaults, type FaultOptions, type Faults } from './faults.ts';
import { handle, handleUpgrade } from './handler.ts';
import { namespaces } from './kinds/namespace.ts';
import { kubeconfigOf } from './kubeconfig.ts';
import type { Isolation } from './kubelet/container.ts';
import { podExec } from './kubelet/exec.ts';
import type { Image } from './kubelet/images.ts';
import { type Kubelet, startKubelet } from './kubelet/kubelet.ts';
import type { NodeDescription } from './kubelet/nodes.ts';
import { podLog } from './kubelet/pod-log.ts';
import { followDeletions } from './lifecycle.ts';
import { createObjects } from './objects.ts';
import type { Resource } from './resource.ts';
import { served } from './served.ts';
import { Refusal } from './status.ts';
import { createStore } from './store.ts';
import { followConnections, withFaults, withUpgradeFaults } from './strike.ts';

export type SandboxOptions = {
  /** A loopback address; 127.0.0.1 unless told. */
  readonly address?: string;
  /** 0, a free one, unless told. */
  readonly port?: number;
  /** Changes that are remembered for watches and pages; 5000 unless told. */
  readonly historySize?: number;
  /** Kinds beyond those of served.ts, as what fills it needs them. */
  readonly kinds?: readonly Resource[];
  /** Runs pods, too; without it the sandbox is an API server only. */
  readonly pods?: PodOptions;
  /** What goes wrong, for tests. */
  readonly faults?: FaultOptions;
};

export type PodOptions = {
  /** One node, `sandbox`, unless told. */
  readonly nodes?: readonly NodeDescription[];
  /** More may be added to the list while the sandbox runs. */
  readonly images: readonly Image[];
  /** Insists on one way to isolate containers; `startSandbox` throws where it cannot be had. */
  readonly isolation?: Isolation['kind'];
  /** The first wait before a container is started again; 10 s as in a real cluster unless told. */
  readonly backoffMs?: number;
};

export type Sandbox = {
  readonly server: string;
  /** The kubeconfig's text, with the administrator's key. */
  readonly kubeconfig: string;
  /** The inside of it, for what fills it and for tests. */
  readonly api: Api;
  /** What goes wrong, for tests: to be changed while it runs. */
  readonly faults: Faults;
  /** How containers are isolated, where pods run. */
  readonly isolation: Isolation['kind'] | undefined;
  /** A folder that goes with the sandbox, whatever ends it; where pods run. */
  readonly folder: string | undefined;
  close(): Promise<void>;
};

/** Starts the sandbox's API server. Throws for an address that is not loopback's. Nothing is kept after `close`. */
export async function startSandbox({
  address = '127.0.0.1',
  port = 0,
  historySize,
  kinds = [],
  pods,
  faults: faultOptions,
}: SandboxOptions = {}): Promise<Sandbox> {
  if (!isLoopback(address)) throw new Error(`the sandbox listens on loopback only, not on ${address}`);
  const certificates = await issueCertificates();
  const faults = createFaults(faultOptions);
  const { now } = faults;
  const store = createStore(historySize);
  const objects = createObjects(store, { now, uuid: randomUUID });
  const access = await createAccess(store, now);
  const all = [...served, ...kinds];
  let kubelet: Kubelet | undefined;
  const running = () => {
    if (kubelet === undefined) throw new Refusal(503, 'ServiceUnavailable', 'this sandbox runs no pods');
    return kubelet;
  };
  const subresources = new Map([
    ['pods/log', podLog(running)],
    ['pods/exec', podExec(running)],
    ['serviceaccounts/token', tokenRequest(store, access)],
  ]);
  const definitions = followDefinitions({ store, objects, now, builtIn: all });
  const api: Api = { store, objects, access, kinds: () => [...all, ...definitions.kinds()], subresources };
  makeBootstrapRoles(objects);
  const stops = [
    definitions.stop,
    followDeletions(api),
    followAggregation(api),
    followNamespaces(api, certificates.caPem),
  ];
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    objects.create({ resource: namespaces, namespace: undefined, name: '' }, { metadata: { name } });
  }
  const { certificatePem: cert, keyPem: key } = certificates.server;
  const listener = createServer(
    { cert, key, ca: certificates.caPem, requestCert: true, rejectUnauthorized: false },
    (request, response) => void withFaults(striking, request, response, () => handle(api, request, response)),
  );
  const connections = followConnections(listener);
  const striking = { faults, connections };
  listener.on('upgrade', (request, socket, head) => {
    void withUpgradeFaults(striking, request, socket, () => handleUpgrade(api, request, socket, head));
  });
  listener.listen(port, address);
  await once(listener, 'listening');
  const bound = listener.address();
  const boundPort = bound !== null && typeof bound === 'object' ? bound.port : port;
  const server = `https://${isIP(address) === 6 ? `[${address}]` : address}:${boundPort}`;
  const { issueToken } = access;
  makeApiService(objects, address, boundPort);
  const nodes = pods?.nodes ?? [{ name: 'sandbox' }];
  if (pods) {
    const { images, isolation, backoffMs } = pods;
    const options = {
      host: address,
      port: boundPort,
      nodes,
      images: () => images,
      issueToken,
      now,
      isolation,
      backoffMs,
    };
    kubelet = await startKubelet(api, options);
  }
  return {
    server,
    kubeconfig: kubeconfigOf(server, certificates),
    api,
    faults,
    isolation: kubelet?.isolation,
    folder: kubelet?.folder,
    async close() {
      await kubelet?.close();
      for (const stop of stops) stop();
      const closed = once(listener, 'close');
      listener.close();
      connections.destroyAll();
      await closed;
    },
  };
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}
