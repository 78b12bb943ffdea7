import { gatherContract } from '../contract/gather-contract.ts';
import { realWorld } from './real-world.ts';

const images = ['good', 'slow', 'exit3', 'filler', 'longline', 'hostile', 'notar', 'lonetar', 'eventlist'];
gatherContract('a real cluster', { open: () => realWorld(images), hasOwnRoot: true, hasOwnPrograms: true });
