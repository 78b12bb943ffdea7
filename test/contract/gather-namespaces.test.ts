import { describe, it } from 'vitest';
import { hasNamespaces } from '../../sandbox/kubelet/choose-isolation.ts';
import { gatherContract } from './gather-contract.ts';
import { gatherImages, sandboxWorld } from './sandbox-world.ts';

if (await hasNamespaces()) {
  const open = () => sandboxWorld(gatherImages, 'namespaces');
  gatherContract('the sandbox, with namespaces', { open, hasOwnRoot: true, hasOwnPrograms: false });
} else {
  describe('muster gather on the sandbox, with namespaces', () => {
    it.skip('left out: this machine allows no user and mount namespaces here');
  });
}
