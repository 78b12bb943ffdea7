import { crdContract } from './crd-contract.ts';
import { sandboxWorld } from './sandbox-world.ts';

crdContract('the sandbox', () => sandboxWorld([], undefined));
