import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { TestServer } from '../kube/test-server.ts';
import { validateSpec } from '../report/spec.ts';
import { BUILT_IN, planGathers } from './plan.ts';
import { listOf, startApi } from './test-api.ts';

const never = new AbortController().signal;
const NODES = 'GET /api/v1/nodes';
let api: TestServer | undefined;
afterEach(() => api?.close());

async function plan(asked: Record<string, unknown>, objects: Record<string, unknown> = {}) {
  api = await startApi({ [NODES]: listOf({ metadata: { name: 'node-1' } }), ...objects });
  return await planGathers(api.kube(), validateSpec(asked).spec, never);
}

describe('names of gathers', () => {
  test.each<[string, string[], string[]]>([
    ['the last word of an image', ['quay.io/kubevirt/virt-gather:v1.2'], ['virt-gather']],
    ['the word before it where the last says nothing', ['quay.io/kubevirt/must-gather:v1'], ['kubevirt']],
    ['without a digest', [`q.io/a/storage@sha256:${'0'.repeat(64)}`], ['storage']],
    ['a port is no tag', ['localhost:5000/must-gather'], ['localhost-5000']],
    [
      'twice the same name',
      ['a.io/x/storage', 'b.io/x/storage', 'c.io/storage-2'],
      ['storage', 'storage-2', 'storage-2-2'],
    ],
    ['no word that a label could hold', ['must-gather'], ['must-gather']],
    ['underscores', ['q.io/my_gather.er'], ['my-gather-er']],
  ])('%s', async (_, images, names) => {
    const { gathers } = await plan({ images });
    expect(gathers.map(({ name }) => name)).toEqual(names);
    expect(gathers.map(({ image }) => image)).toEqual(images);
  });

  test('property: unique DNS labels, whatever images and nodes there are', async () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,70}$/);
    const image = fc.tuple(word, word, word).map(([host, path, name]) => `${host}/${path}/${name}`);
    const nodeName = fc.stringMatching(/^[a-z0-9]{1,40}(\.[a-z0-9]{1,40}){0,3}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(image, { minLength: 1, maxLength: 6 }),
        fc.uniqueArray(nodeName, { minLength: 1, maxLength: 6 }),
        async (images, nodeNames) => {
          const nodes = listOf(...nodeNames.map((name) => ({ metadata: { name } })));
          const { gathers } = await plan({ images, nodeSelector: 'a=b' }, { [NODES]: nodes });
          await api?.close();
          const names = gathers.map(({ name }) => name);
          expect(new Set(names).size).toBe(images.length * nodeNames.length);
          for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
        },
      ),
      { numRuns: process.env.MUSTER_LONG === undefined ? 25 : 500, seed: 5 },
    );
  });
});

describe('where they run', () => {
  test('a selector: every image on every node, and the scheduler is not asked', async () => {
    const nodes = listOf({ metadata: { name: 'n1' } }, { metadata: { name: 'n2' } });
    const { gathers, placement } = await plan({ images: ['q/a', 'q/b'], nodeSelector: 'disk=ssd' }, { [NODES]: nodes });
    expect(gathers).toEqual([
      { name: 'a-n1', image: 'q/a', nodeName: 'n1' },
      { name: 'a-n2', image: 'q/a', nodeName: 'n2' },
      { name: 'b-n1', image: 'q/b', nodeName: 'n1' },
      { name: 'b-n2', image: 'q/b', nodeName: 'n2' },
    ]);
    expect(placement.candidates).toEqual([]);
    expect(api?.requests.some((request) => request.includes('labelSelector=disk%3Dssd'))).toBe(true);
  });

  test('a node by name, which has to be there', async () => {
    const found = { 'GET /api/v1/nodes/n1': { metadata: { name: 'n1' } } };
    const { gathers } = await plan({ images: ['q/a'], nodeName: 'n1' }, found);
    expect(gathers).toEqual([{ name: 'a', image: 'q/a', nodeName: 'n1' }]);
    await api?.close();
    await expect(plan({ images: ['q/a'], nodeName: 'n2' }, found)).rejects.toMatchObject({
      code: 'NotFound',
      field: 'nodeName',
      message: expect.stringContaining('"n2"'),
    });
  });

  test('a selector that matches nothing, a namespace that is not there', async () => {
    await expect(plan({ images: ['q/a'], nodeSelector: 'a=b' }, { [NODES]: listOf() })).rejects.toMatchObject({
      code: 'NothingSelected',
      field: 'nodeSelector',
    });
    await api?.close();
    await expect(plan({ images: ['q/a'], runNamespace: 'shop' })).rejects.toMatchObject({
      code: 'NotFound',
      field: 'runNamespace',
    });
  });

  test('a refusal is not taken for a node that does not exist', async () => {
    const refused = { 'GET /api/v1/nodes/n1': 403 };
    await expect(plan({ images: ['q/a'], nodeName: 'n1' }, refused)).rejects.toMatchObject({ status: 403 });
  });

  test('only reads', async () => {
    await plan({ images: ['q/a'] });
    expect(api?.requests.filter((request) => !request.startsWith('GET '))).toEqual([]);
  });
});

describe('a cluster without a gather image of its own', () => {
  test('the built-in inspection, once, without a node', async () => {
    const { gathers } = await plan({});
    expect(gathers).toEqual([{ name: 'cluster', image: BUILT_IN }]);
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a command', { command: 'true' }, {}],
    ['a node name', { nodeName: 'node-1' }, {}],
    ['a node selector', { nodeSelector: 'a=b' }, {}],
    ["the host's network", { hostNetwork: true }, {}],
    ['a run namespace', { runNamespace: 'shop' }, { 'GET /api/v1/namespaces/shop': { metadata: { name: 'shop' } } }],
  ])('%s needs a pod, and is refused rather than dropped', async (what, asked, objects) => {
    await expect(plan(asked, objects)).rejects.toMatchObject({
      code: 'InvalidInput',
      message: expect.stringContaining(what),
    });
  });

  test('--all-images: the inspection first, then the images of operators', async () => {
    const annotations = { 'operators.openshift.io/must-gather-image': 'q/cluster' };
    const { gathers } = await plan(
      { allImages: true },
      { 'GET /apis/config.openshift.io/v1/clusteroperators': listOf({ metadata: { name: 'x', annotations } }) },
    );
    expect(gathers.map(({ name, image }) => [name, image])).toEqual([
      ['cluster', BUILT_IN],
      ['cluster-2', 'q/cluster'],
    ]);
  });

  test('--all-images with a command: the inspection cannot run it, and the person is told', async () => {
    const { warnings } = await plan(
      { allImages: true, command: 'ls' },
      {
        'GET /apis/config.openshift.io/v1/clusteroperators': listOf({
          metadata: { name: 'x', annotations: { 'operators.openshift.io/must-gather-image': 'q/cluster' } },
        }),
      },
    );
    expect(warnings).toContain('the built-in inspection does not run the command');
  });
});
