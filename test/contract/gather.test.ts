import { gatherContract } from './gather-contract.ts';
import { sandboxWorld } from './sandbox-world.ts';

const images = ['good', 'slow', 'exit3', 'filler', 'longline', 'hostile', 'notar', 'lonetar', 'eventlist'];

for (const isolation of ['namespaces', 'rewriting'] as const) {
  const open = () => sandboxWorld(images, isolation);
  gatherContract(`the sandbox (${isolation})`, { open, hasOwnRoot: isolation === 'namespaces' });
}
