import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../src/kube/connect.ts';
import { type Pod, pods } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { readImages } from '../kubelet/images.ts';
import { type Sandbox, startSandbox } from '../server.ts';
import { fillSample, sampleKinds } from './sample-cluster.ts';
import { sampleNodes } from './sample-nodes.ts';

let sandbox: Sandbox;
let kube: Kube;

beforeAll(async () => {
  const images = await readImages(join(import.meta.dirname, '..', 'images'));
  sandbox = await startSandbox({ kinds: sampleKinds, pods: { images, nodes: sampleNodes } });
  fillSample(sandbox.api);
  kube = await connect({ kubeconfigText: sandbox.kubeconfig, env: {} });
});
afterAll(async () => {
  await kube.close();
  await sandbox.close();
});

const stateOf = ({ status }: Pod) => status?.containerStatuses?.[0]?.state;
const nameOf = ({ metadata }: Pod) => metadata.name ?? '';
const logOf = async ({ metadata: { name, namespace } }: Pod) =>
  text((await kube.stream(`/api/v1/namespaces/${namespace}/pods/${name}/log`)).body);

it('runs its pods: eight at work, one in a crash loop, one that no node takes', async () => {
  const deadline = AbortSignal.timeout(20_000);
  let found: Pod[] = [];
  const isSettled = () =>
    found.filter((pod) => stateOf(pod)?.running).length === 8 &&
    found.some((pod) => stateOf(pod)?.waiting?.reason === 'CrashLoopBackOff');
  while (!isSettled()) {
    deadline.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 100));
    found = await Array.fromAsync(kube.list(pods));
  }
  const crashing = found.filter((pod) => stateOf(pod)?.waiting);
  expect(crashing.map(nameOf)).toEqual([expect.stringMatching(/^image-registry-/)]);
  for (const pod of crashing) expect(await logOf(pod)).toContain('no space left on device');
  const pending = found.filter(({ status }) => status?.phase === 'Pending').map(nameOf);
  expect(pending).toEqual([expect.stringMatching(/^recommendations-/)]);
  for (const pod of found.filter((each) => stateOf(each)?.running)) {
    await expect.poll(() => logOf(pod)).toMatch(/^.*this is a sample of the Muster sandbox.*\n/);
  }
});
