import { crdContract } from '../contract/crd-contract.ts';
import { realWorld } from './real-world.ts';

crdContract('a real API server', () => realWorld([]));
