import { fileURLToPath } from 'node:url';
import { mustGatherReportCrd } from '../../src/report/crd.ts';
import { customResourceDefinitions } from '../kinds/custom-resource-definition.ts';
import { type Image, readImages } from '../kubelet/images.ts';
import type { NodeDescription } from '../kubelet/nodes.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../server.ts';
import { fillSample, sampleKinds } from './sample-cluster.ts';
import { sampleNodes } from './sample-nodes.ts';

const images = fileURLToPath(new URL('../images', import.meta.url));

type StartOptions = Pick<SandboxOptions, 'address' | 'port'> & {
  /** Beside those of the sample. */
  readonly moreImages?: readonly Image[];
};

type EmptyOptions = StartOptions & { readonly nodes?: readonly NodeDescription[] };

/** A sandbox with the sample cluster in it and its pods at work. Throws as `startSandbox` does. */
export async function startSample({ moreImages = [], ...options }: StartOptions): Promise<Sandbox> {
  const pods = { nodes: sampleNodes, images: [...(await readImages(images)), ...moreImages] };
  const sandbox = await startSandbox({ ...options, kinds: sampleKinds, pods });
  defineReports(sandbox);
  fillSample(sandbox.api);
  return sandbox;
}

/** A sandbox with a node, or these, and nothing on it, but with the sample's images at hand. */
export async function startEmpty({ moreImages = [], nodes, ...options }: EmptyOptions): Promise<Sandbox> {
  const all = [...(await readImages(images)), ...moreImages];
  const sandbox = await startSandbox({
    ...options,
    pods: nodes === undefined ? { images: all } : { images: all, nodes },
  });
  defineReports(sandbox);
  return sandbox;
}

/** Muster's own kind, so that reports can be made; it takes `muster serve` for something to come of them. */
function defineReports({ api }: Sandbox): void {
  api.objects.create({ resource: customResourceDefinitions, namespace: undefined, name: '' }, mustGatherReportCrd());
}
