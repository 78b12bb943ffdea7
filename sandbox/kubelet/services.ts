import { writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import type { Api } from '../api.ts';
import { pods } from '../kinds/pod.ts';
import { services } from '../kinds/service.ts';
import { fieldAt, isRecord, type Stored } from '../resource.ts';
import type { Say } from './events.ts';
import type { SandboxPod } from './pod-shape.ts';

type Port = { readonly name?: string; readonly port: number; readonly targetPort?: number | string };
type Listening = { readonly address: string; readonly ports: ReadonlyMap<number, number>; close(): void };

/** Where each service really listens, by `namespace/name`. */
const ADDRESS_ANNOTATION = 'muster.dev/sandbox-address';

/**
 * Gives each service a loopback address and passes its connections on to a pod of its own. Where the service's port cannot
 * be had, as low ones by an unprivileged user, another one is taken: the variables that Kubernetes gives to containers
 * (`NAME_SERVICE_HOST`, `NAME_SERVICE_PORT`) and an annotation tell which.
 */
export function createServices({ store, objects }: Pick<Api, 'store' | 'objects'>, hostsFile: string, say: Say) {
  const listening = new Map<string, Listening>();
  let nextAddress = 1;
  // Only Linux has the whole of 127/8 without being told.
  const newAddress = () => {
    if (process.platform !== 'linux') return '127.0.0.1';
    nextAddress += 1;
    return `127.77.${Math.floor(nextAddress / 250)}.${(nextAddress % 250) + 1}`;
  };
  const targetOf = ({ metadata: { namespace, name = '' } }: Stored) => ({ resource: services, namespace, name });

  const tellTrouble = (service: Stored) => (error: unknown) =>
    say(service, 'Warning', 'NotListening', `the service cannot be reached: ${String(error)}`);

  const open = async (service: Stored) => {
    const uid = service.metadata.uid ?? '';
    const address = newAddress();
    const servers: Server[] = [];
    const ports = new Map<number, number>();
    const close = () => {
      for (const server of servers) server.close();
    };
    listening.set(uid, { address, ports, close });
    for (const port of portsOf(service)) {
      const server = createServer((inbound) => {
        const outbound = connect({ host: '127.0.0.1', port: portOfPod(store, service, port) });
        inbound.pipe(outbound).pipe(inbound);
        inbound.on('error', () => outbound.destroy());
        outbound.on('error', () => inbound.destroy());
      });
      servers.push(server);
      ports.set(port.port, await listen(server, address, port.port));
    }
    const current = store.get(services, service.metadata.namespace, service.metadata.name ?? '');
    // It may have gone while its ports were opened.
    if (current?.metadata.uid !== uid) return close();
    const addresses = [...ports.values()].map((port) => `${address}:${port}`).join(',');
    const annotations = { ...current.metadata.annotations, [ADDRESS_ANNOTATION]: addresses };
    const spec = { ...(current.spec as object), clusterIP: address, clusterIPs: [address] };
    objects.replace(targetOf(current), { ...current, metadata: { ...current.metadata, annotations }, spec });
    writeHosts();
  };

  const all = () => store.snapshot(services).map(([, service]) => service);
  const writeHosts = () => {
    const names = all().flatMap((service) => {
      const { name = '', namespace = '', uid = '' } = service.metadata;
      const address = listening.get(uid)?.address;
      const dns = `${name}.${namespace}`;
      return address === undefined ? [] : [`${address} ${dns} ${dns}.svc ${dns}.svc.cluster.local`];
    });
    // In place: containers have this very file mounted.
    writeFileSync(hostsFile, ['127.0.0.1 localhost', '::1 localhost', ...names, ''].join('\n'));
  };
  writeHosts();

  return {
    /** Opens what is new. A service of type ExternalName or without ports gets nothing. */
    sync(): void {
      for (const service of all()) {
        const { uid = '' } = service.metadata;
        const isOurs = portsOf(service).length > 0 && !fieldAt(service, 'spec.clusterIP');
        if (isOurs && !listening.has(uid)) void open(service).catch(tellTrouble(service));
      }
    },
    removed(service: Stored): void {
      listening.get(service.metadata.uid ?? '')?.close();
      listening.delete(service.metadata.uid ?? '');
      writeHosts();
    },
    /** The variables by which a container finds the services of its namespace. */
    variables(namespace: string): Record<string, string> {
      const variables: Record<string, string> = {};
      for (const service of all()) {
        const found = listening.get(service.metadata.uid ?? '');
        if (service.metadata.namespace !== namespace || found === undefined) continue;
        const prefix = (service.metadata.name ?? '').toUpperCase().replaceAll('-', '_');
        variables[`${prefix}_SERVICE_HOST`] = found.address;
        const [first] = found.ports.values();
        if (first !== undefined) variables[`${prefix}_SERVICE_PORT`] = String(first);
      }
      return variables;
    },
    close(): void {
      for (const { close } of listening.values()) close();
    },
  };
}

function portsOf(service: Stored): Port[] {
  const ports = fieldAt(service, 'spec.ports');
  return Array.isArray(ports) ? (ports as Port[]) : [];
}

/** Listens on the port if it can be had, else on any. */
function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let wanted = port;
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (wanted === 0 || !['EACCES', 'EADDRINUSE'].includes(error.code ?? '')) return reject(error);
      wanted = 0;
      server.listen(0, address);
    });
    server.on('listening', () => {
      const bound = server.address();
      resolve(bound !== null && typeof bound === 'object' ? bound.port : port);
    });
    server.listen(port, address);
    // Connections end with their pods; an idle listener keeps nobody awake.
    server.unref();
  });
}

/** The port to pass a connection on to; 0, which nobody listens on, when no pod of the service runs. */
function portOfPod(store: Api['store'], service: Stored, { port, targetPort = port }: Port): number {
  if (typeof targetPort === 'number') return targetPort;
  const selector = fieldAt(service, 'spec.selector');
  const labelled = store.snapshot(pods).map(([, pod]) => pod as SandboxPod);
  const pod = labelled.find(({ metadata: { namespace, labels = {} } }) => {
    const isSelected = isRecord(selector) && Object.entries(selector).every(([key, value]) => labels[key] === value);
    return namespace === service.metadata.namespace && isSelected;
  });
  const named = pod?.spec.containers.flatMap((container) => (fieldAt(container, 'ports') as Port[] | undefined) ?? []);
  const found = named?.find(({ name }) => name === targetPort);
  return Number(fieldAt(found, 'containerPort') ?? 0);
}
