import { connect } from '../../src/kube/connect.ts';
import type { World } from '../contract/world.ts';
import { image, loadImages } from './muster.ts';

/** The cluster of KUBECONFIG, with these images of `test/images` on its nodes. */
export async function realWorld(images: readonly string[]): Promise<World> {
  loadImages(images);
  const kube = await connect({ env: process.env });
  return { env: {}, kube, image, close: () => kube.close() };
}
