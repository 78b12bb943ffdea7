import { kubeContract } from './kube-contract.ts';
import { sandboxWorld } from './sandbox-world.ts';

kubeContract('the sandbox', () => sandboxWorld(['tools'], undefined));
