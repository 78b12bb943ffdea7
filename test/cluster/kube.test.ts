import { kubeContract } from '../contract/kube-contract.ts';
import { realWorld } from './real-world.ts';

kubeContract('a real API server', async () => {
  const world = await realWorld([]);
  return { ...world, image: () => 'localhost/tools:1' };
});
