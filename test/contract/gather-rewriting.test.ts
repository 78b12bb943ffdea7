import { gatherContract } from './gather-contract.ts';
import { gatherImages, sandboxWorld } from './sandbox-world.ts';

const open = () => sandboxWorld(gatherImages, 'rewriting');
// Without namespaces whoever runs the sandbox is who runs its containers.
const hasOwnRoot = process.getuid?.() === 0;
gatherContract('the sandbox, with rewritten paths', { open, hasOwnRoot, hasOwnPrograms: false });
