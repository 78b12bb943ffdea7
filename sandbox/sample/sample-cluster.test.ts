import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listComponents } from '../../src/gather/components.ts';
import { resolveImages } from '../../src/gather/images.ts';
import { planGathers } from '../../src/gather/plan.ts';
import { summarizeCluster } from '../../src/gather/summary.ts';
import { connect } from '../../src/kube/connect.ts';
import { clusterOperators, type Kind, type KubeObject, type Pod, pods } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { validateSpec } from '../../src/report/spec.ts';
import type { Stored } from '../resource.ts';
import { type Sandbox, startSandbox } from '../server.ts';
import { fillSample, sampleKinds } from './sample-cluster.ts';
import { sampleNodes } from './sample-nodes.ts';
import { gatherImages } from './versions.ts';

type SampleEvent = KubeObject & { lastTimestamp: string };
const events: Kind<SampleEvent> = { group: '', version: 'v1', plural: 'events', kind: 'Event', namespaced: true };

const now = new Date('2026-11-21T10:00:00Z');
const hourMs = 3_600_000;
const images = join(import.meta.dirname, '..', 'images');

describe('the sample cluster', () => {
  let sandbox: Sandbox;
  let kube: Kube;
  let before: ReadonlySet<Stored>;

  const everything = () =>
    sandbox.api.kinds().flatMap((kind) => sandbox.api.store.snapshot(kind).map(([, object]) => object));

  beforeAll(async () => {
    sandbox = await startSandbox({ kinds: sampleKinds });
    before = new Set(everything());
    fillSample(sandbox.api, now);
    kube = await connect({ kubeconfigText: sandbox.kubeconfig, env: {} });
  });
  afterAll(async () => {
    await kube.close();
    await sandbox.close();
  });

  it('says of every object that it is a sample', () => {
    // What every namespace gets from the sandbox itself is none of the sample's.
    const own = /^(default|kube-root-ca\.crt)$/;
    const added = everything().filter((object) => !before.has(object) && !own.test(object.metadata.name ?? ''));
    expect(added.length).toBeGreaterThan(140);
    expect(added.filter(({ metadata }) => metadata.labels?.['muster.dev/sample'] !== 'true')).toEqual([]);
    const foreign = JSON.stringify(added).match(/"(image|dockerImageReference)":"(?!sample\.invalid\/|sha256:)[^"]*"/g);
    expect(foreign).toBeNull();
    for (const { labels } of sampleNodes) expect(labels['muster.dev/sample']).toBe('true');
  });

  it('has all operators of OpenShift, one of them degraded, and its summary says why', async () => {
    const operators = await Array.fromAsync(kube.list(clusterOperators));
    expect(operators.length).toBeGreaterThanOrEqual(30);
    const degraded = operators.filter(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === 'Degraded' && is === 'True'),
    );
    expect(degraded.map(({ metadata }) => metadata.name)).toEqual(['image-registry']);
    const { lines } = await summarizeCluster(kube, 'test', now);
    expect(lines).toContain('ClusterVersion: Stable at "4.22.3-sample"');
    expect(lines.filter((line) => line.includes('clusteroperator/'))).toEqual([
      expect.stringMatching(/image-registry .*no space left on device/),
    ]);
  });

  it('names a gather image for itself and for each of three operators', async () => {
    const request = { images: [], imageStreams: [], components: [], allImages: true };
    const found = await resolveImages(kube, request, AbortSignal.timeout(5000));
    expect(found.builtIn).toBe(false);
    expect(new Set(found.images)).toEqual(new Set(Object.values(gatherImages)));
  });

  it('tells its components: itself and an operator, which are not well, and two that are', async () => {
    const signal = AbortSignal.timeout(5000);
    const { components, warnings } = await listComponents(kube, signal);
    expect(warnings).toEqual([]);
    expect(components.map(({ name, title, kind, healthy }) => [name, title, kind, healthy])).toEqual([
      ['cluster', 'Cluster (OpenShift 4.22.3-sample)', 'Cluster', false],
      ['kubevirt-hyperconverged-operator', 'Virtualization (sample) 4.22.1', 'ClusterServiceVersion', false],
      ['mtv-operator', 'Migration (sample) 2.11.0', 'ClusterServiceVersion', true],
      ['odf-operator', 'Storage (sample) 4.22.0', 'ClusterServiceVersion', true],
    ]);
    expect(components[0]?.message).toBe('operator image-registry is not well');
    const names = components.map(({ name }) => name);
    const { spec } = validateSpec({ components: names });
    const plan = await planGathers(kube, spec, signal);
    expect(plan.gathers.map(({ image }) => image)).toEqual(components.map(({ image }) => image));
  });

  it('runs pods of images and on nodes that it has, each owned up to a Deployment', async () => {
    const known = await knownImages();
    const found: Pod[] = await Array.fromAsync(kube.list(pods));
    expect(found.length).toBe(10);
    const nodes = new Set([undefined, ...sampleNodes.map(({ name }) => name)]);
    const owners = new Map(everything().map(({ metadata, kind }) => [metadata.uid, { metadata, kind }]));
    for (const { metadata, spec } of found) {
      expect(nodes).toContain(spec.nodeName);
      for (const { image } of spec.containers) expect(known).toContain(image);
      const set = owners.get(metadata.ownerReferences?.[0]?.uid);
      expect(owners.get(set?.metadata.ownerReferences?.[0]?.uid)?.kind).toBe('Deployment');
    }
    for (const image of Object.values(gatherImages)) expect(known).toContain(image);
  });

  it('has events that are fresh and events that are days old, none from the future', async () => {
    const found = await Array.fromAsync(kube.list(events));
    const agesMs = found.map(({ lastTimestamp }) => now.getTime() - Date.parse(lastTimestamp));
    expect(agesMs.filter((ageMs) => !(ageMs >= 0))).toEqual([]);
    expect(agesMs.some((ageMs) => ageMs < hourMs)).toBe(true);
    expect(agesMs.some((ageMs) => ageMs > 48 * hourMs)).toBe(true);
  });
});

async function knownImages(): Promise<string[]> {
  const folders = (await readdir(images, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const manifests = await Promise.all(
    folders.map(async ({ name }) => JSON.parse(await readFile(join(images, name, 'image.json'), 'utf8'))),
  );
  return manifests.flatMap(({ names }: { names: string[] }) => names);
}
