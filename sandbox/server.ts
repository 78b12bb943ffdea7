import { once } from 'node:events';
import { createServer } from 'node:https';
import { isIP } from 'node:net';
import { makeApiService } from './access/api-service.ts';
import type { Api } from './api.ts';
import { type Certificates, issueCertificates } from './certificates.ts';
import { createApi } from './create-api.ts';
import { createFaults, type FaultOptions, type Faults } from './faults.ts';
import { handle, handleUpgrade } from './handler.ts';
import { kubeconfigOf } from './kubeconfig.ts';
import type { Isolation } from './kubelet/container.ts';
import type { Image } from './kubelet/images.ts';
import { type Kubelet, type KubeletOptions, startKubelet } from './kubelet/kubelet.ts';
import type { NodeDescription } from './kubelet/nodes.ts';
import type { Resource } from './resource.ts';
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

/** Starts a sandbox. Throws for an address that is not loopback's. Nothing is kept after `close`, or when it throws. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { address = '127.0.0.1', port = 0 } = options;
  if (!isLoopback(address)) throw new Error(`the sandbox listens on loopback only, not on ${address}`);
  const certificates = await issueCertificates();
  const faults = createFaults(options.faults);
  let kubelet: Kubelet | undefined;
  const { api, stop } = await createApi({
    ...options,
    now: faults.now,
    caPem: certificates.caPem,
    kubelet: () => kubelet,
  });
  const listening = await listen(api, { address, port, faults, certificates });
  const close = async () => {
    await kubelet?.close();
    stop();
    await listening.close();
  };
  makeApiService(api.objects, address, listening.port);
  if (options.pods) {
    try {
      kubelet = await startKubelet(api, kubeletOptions(options.pods, api, { address, port: listening.port, faults }));
    } catch (error) {
      await close();
      throw error;
    }
  }
  const server = `https://${isIP(address) === 6 ? `[${address}]` : address}:${listening.port}`;
  const { isolation, folder } = kubelet ?? {};
  return { server, kubeconfig: kubeconfigOf(server, certificates), api, faults, isolation, folder, close };
}

type Place = { readonly address: string; readonly port: number; readonly faults: Faults };

function kubeletOptions(pods: PodOptions, { access }: Api, { address, port, faults }: Place): KubeletOptions {
  const { nodes = [{ name: 'sandbox' }], images, isolation, backoffMs } = pods;
  const { issueToken } = access;
  return { host: address, port, nodes, images: () => images, issueToken, now: faults.now, isolation, backoffMs };
}

/** Opens the API to the machine. */
async function listen(api: Api, { address, port, faults, certificates }: Place & { certificates: Certificates }) {
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
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : port,
    async close() {
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
