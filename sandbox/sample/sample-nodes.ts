import { SAMPLE_LABEL } from './plant.ts';

const nodeOf = (name: string, role: string) => ({
  name,
  labels: { [SAMPLE_LABEL]: 'true', [`node-role.kubernetes.io/${role}`]: '', 'node.openshift.io/os_id': 'sample' },
});

/** The nodes of the sample. Whoever runs its pods makes them. */
export const sampleNodes: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[] = [
  nodeOf('sample-control-plane-0', 'control-plane'),
  nodeOf('sample-worker-0', 'worker'),
  nodeOf('sample-worker-1', 'worker'),
];
