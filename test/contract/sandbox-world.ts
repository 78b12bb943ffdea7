import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageOf } from '../../sandbox/kubelet/images.ts';
import { type PodOptions, startSandbox } from '../../sandbox/server.ts';
import { connect } from '../../src/kube/connect.ts';
import { root } from './command.ts';
import type { World } from './world.ts';

/** The images of `test/images` that a sandbox can run: an image without tar needs programs of its own. */
export const gatherImages = ['good', 'slow', 'exit3', 'filler', 'longline', 'hostile', 'lonetar', 'eventlist'];

const imageName = (name: string) => `localhost/muster-test/${name}:1`;

/** A sandbox with two nodes, and these images of `test/images`. */
export async function sandboxWorld(
  images: readonly string[],
  isolation: PodOptions['isolation'] | undefined,
): Promise<World> {
  // The scripts take their folder from the environment, so that it can be told where there are no mounts.
  const env = { OUT: '/must-gather' };
  const loaded = await Promise.all(
    images.map((name) => imageOf({ names: [imageName(name)], env }, join(root, 'test', 'images', name))),
  );
  const nodes = [{ name: 'node-0', labels: { 'node-role.kubernetes.io/control-plane': '' } }, { name: 'node-1' }];
  const sandbox = await startSandbox({ pods: { nodes, images: loaded, ...(isolation ? { isolation } : {}) } });
  const folder = await mkdtemp(join(tmpdir(), 'muster-world-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.kubeconfig, { mode: 0o600 });
  const kube = await connect({ env: { KUBECONFIG: kubeconfig } });
  return {
    env: { KUBECONFIG: kubeconfig },
    kube,
    image: imageName,
    async close() {
      await kube.close();
      await sandbox.close();
      await rm(folder, { recursive: true });
    },
  };
}
