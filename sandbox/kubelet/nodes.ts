import { arch, cpus, release, totalmem } from 'node:os';
import { nodes } from '../kinds/node.ts';
import type { Objects } from '../objects.ts';

export type NodeDescription = { readonly name: string; readonly labels?: Readonly<Record<string, string>> };

/** The address of every node and pod: all of them are this machine's loopback. */
export const nodeAddress = '127.0.0.1';

/** Makes a node of the sandbox, ready from the start. */
export function createNode(objects: Objects, { name, labels = {} }: NodeDescription, now: string): void {
  const target = { resource: nodes, namespace: undefined, name };
  const architecture = arch() === 'x64' ? 'amd64' : arch();
  const always = {
    'kubernetes.io/hostname': name,
    // Gathers ask for Linux nodes; on a Mac the sandbox's containers do as if.
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
  };
  const made = objects.create(
    { ...target, name: '' },
    { metadata: { name, labels: { ...always, ...labels } }, spec: {} },
  );
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: `${reason} (a sandbox, no kubelet)`,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  });
  const size = { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: '110' };
  const status = {
    addresses: [
      { type: 'InternalIP', address: nodeAddress },
      { type: 'Hostname', address: name },
    ],
    capacity: size,
    allocatable: size,
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
      condition('Ready', 'True', 'KubeletReady'),
    ],
    nodeInfo: {
      architecture,
      operatingSystem: 'linux',
      kernelVersion: release(),
      osImage: 'Muster sandbox',
      containerRuntimeVersion: 'sandbox://1',
      kubeletVersion: 'v1.36.0-sandbox',
      kubeProxyVersion: 'v1.36.0-sandbox',
      machineID: '',
      systemUUID: '',
      bootID: '',
    },
  };
  objects.replace({ ...target, subresource: 'status' }, { ...made, status });
}
