import { SAMPLE_LABEL } from './plant.ts';

export type SampleNode = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As `status.capacity` spells it. */
  readonly capacity: Readonly<Record<string, string>>;
};

const node = (name: string, role: string, capacity: Readonly<Record<string, string>>): SampleNode => ({
  name,
  labels: {
    [SAMPLE_LABEL]: 'true',
    [`node-role.kubernetes.io/${role}`]: '',
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'node.openshift.io/os_id': 'rhcos',
  },
  capacity: { ...capacity, pods: '250' },
});

/** The nodes of the sample. Whoever runs its pods makes them. */
export const sampleNodes: readonly SampleNode[] = [
  node('sample-control-plane-0', 'control-plane', { cpu: '8', memory: '32Gi' }),
  node('sample-worker-0', 'worker', { cpu: '16', memory: '64Gi' }),
  node('sample-worker-1', 'worker', { cpu: '16', memory: '64Gi' }),
];
