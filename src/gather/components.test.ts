import { afterEach, describe, expect, test } from 'vitest';
import type { TestServer } from '../kube/test-server.ts';
import { validateSpec } from '../report/spec.ts';
import { listComponents } from './components.ts';
import { GATHER_IMAGE_ANNOTATION } from './own-components.ts';
import { BUILT_IN, planGathers } from './plan.ts';
import { listOf, startApi } from './test-api.ts';

const CSVS = 'GET /apis/operators.coreos.com/v1alpha1/clusterserviceversions';
const OPERATORS = 'GET /apis/config.openshift.io/v1/clusteroperators';
const MAPS = 'GET /api/v1/namespaces/muster/configmaps';
const NODES = 'GET /api/v1/nodes';
const VERSION = 'GET /version';
const never = new AbortController().signal;
let api: TestServer | undefined;
afterEach(() => api?.close());

/** A Kubernetes that is well and has no operators. */
const plain = {
  [NODES]: listOf(node('n1', 'True')),
  [VERSION]: { gitVersion: 'v1.36.2' },
  [MAPS]: listOf(),
};

async function list(objects: Record<string, unknown>, signal = never) {
  api = await startApi({ ...plain, ...objects });
  return await listComponents(api.kube(), signal);
}

async function plan(asked: object, objects: Record<string, unknown>) {
  api = await startApi({ ...plain, ...objects });
  return await planGathers(api.kube(), validateSpec(asked).spec, never);
}

function node(name: string, ready: string) {
  return { metadata: { name }, status: { conditions: [{ type: 'Ready', status: ready }] } };
}

function operator(name: string, image: string, conditions: Record<string, [string, string]>) {
  return {
    metadata: { name, annotations: image === '' ? {} : { [GATHER_IMAGE_ANNOTATION]: image } },
    status: {
      conditions: Object.entries(conditions).map(([type, [status, message]]) => ({ type, status, message })),
    },
  };
}
const well: Record<string, [string, string]> = { Available: ['True', 'all fine'], Degraded: ['False', ''] };

function version(name: string, phase: string, more: { image?: string; spec?: object } = {}) {
  const { image = 'q/odf', spec = {} } = more;
  return {
    metadata: { name, namespace: 'a', annotations: { [GATHER_IMAGE_ANNOTATION]: image } },
    spec,
    status: { phase, message: `it is ${phase}` },
  };
}

function configMap(name: string, data: Record<string, string>) {
  return { metadata: { name, labels: { 'muster.dev/component': '' } }, data };
}

describe('the cluster itself comes first', () => {
  test('plain Kubernetes: by its nodes, inspected by Muster', async () => {
    expect(await list({})).toEqual({
      components: [
        {
          name: 'cluster',
          title: 'Cluster (Kubernetes v1.36.2)',
          kind: 'Cluster',
          image: BUILT_IN,
          healthy: true,
          message: '',
        },
      ],
      warnings: [],
    });
  });

  test('is gathered with the image that an administrator of the service chose', async () => {
    api = await startApi(plain);
    const imageOf = async (usual: object) =>
      (await listComponents(api?.kube() as never, never, usual)).components[0]?.image;
    expect(await imageOf({ configured: 'q/mine', own: 'q/muster' })).toBe('q/mine');
    expect(await imageOf({ own: 'q/muster' })).toBe('q/muster');
  });

  test('says which nodes are not ready', async () => {
    const nodes = [node('n1', 'True'), node('n2', 'False'), node('n3', 'Unknown'), { metadata: { name: 'n4' } }];
    const { components } = await list({ [NODES]: listOf(...nodes) });
    expect(components[0]).toMatchObject({
      healthy: false,
      message: 'node n2 is not ready; node n3 is not ready; node n4 is not ready',
    });
  });

  test('says of many ills the first five', async () => {
    const ill = Array.from({ length: 9 }, (_, at) => operator(`o${at}`, '', { Available: ['False', ''] }));
    const { components } = await list({ [OPERATORS]: listOf(...ill) });
    expect(components[0]?.message).toMatch(/^operator o0 is not well; .*operator o4 is not well; and 4 more$/);
  });

  test('is not called well where that cannot be told', async () => {
    const { components, warnings } = await list({ [NODES]: 403, [VERSION]: 403 });
    expect(components[0]).toMatchObject({ title: 'Cluster', healthy: false });
    expect(components[0]?.message).toMatch(/^it cannot be told: /);
    expect(warnings).toEqual([expect.stringContaining("could not read the cluster's version")]);
  });
});

describe('operators', () => {
  test('name their image; the others are none', async () => {
    const { components } = await list({
      [CSVS]: listOf(
        version('odf-operator.v4.22.0', 'Succeeded', { spec: { displayName: 'Storage', version: '4.22.0' } }),
        version('failing.v1.0.0', 'Failed', { image: 'q/failing' }),
        version('silent.v1', 'Succeeded', { image: '' }),
      ),
      [OPERATORS]: listOf(
        operator('network', 'q/network', { Available: ['True', ''], Degraded: ['True', 'half the nodes'] }),
        operator('dns', 'q/dns', well),
        operator('etcd', '', well),
      ),
    });
    expect(components.slice(1)).toEqual([
      {
        name: 'failing',
        title: 'failing',
        kind: 'ClusterServiceVersion',
        image: 'q/failing',
        healthy: false,
        message: 'Failed: it is Failed',
      },
      {
        name: 'odf-operator',
        title: 'Storage 4.22.0',
        kind: 'ClusterServiceVersion',
        image: 'q/odf',
        healthy: true,
        message: '',
      },
      { name: 'dns', title: 'dns', kind: 'ClusterOperator', image: 'q/dns', healthy: true, message: '' },
      {
        name: 'network',
        title: 'network',
        kind: 'ClusterOperator',
        image: 'q/network',
        healthy: false,
        message: 'half the nodes',
      },
    ]);
  });

  test('stand once: copies of OLM are not even asked for, the old version of an upgrade does not count', async () => {
    const { components, warnings } = await list({
      [CSVS]: listOf(
        version('odf.v1.0.0', 'Replacing', { image: 'q/old' }),
        version('odf.v1.1.0', 'Succeeded', { image: 'q/new' }),
        version('odf.v1.2.0', 'Pending', { image: 'q/next' }),
      ),
    });
    expect(components.slice(1).map(({ name, image }) => [name, image])).toEqual([['odf', 'q/new']]);
    expect(api?.requests.filter((request) => request.startsWith(CSVS))).toEqual([
      expect.stringContaining('labelSelector=!olm.copiedFrom'),
    ]);
    expect(warnings).toEqual([]);
  });

  test('a list that cannot be read is a warning with the reason, and the rest is told', async () => {
    const { components, warnings } = await list({ [CSVS]: 403, [OPERATORS]: listOf(operator('dns', 'q/dns', well)) });
    expect(components.map(({ name }) => name)).toEqual(['cluster', 'dns']);
    expect(warnings).toEqual([expect.stringMatching(/^could not list clusterserviceversions: /)]);
  });

  test('an interrupt is no warning', async () => {
    await expect(list({}, AbortSignal.abort(new Error('interrupted')))).rejects.toThrow('interrupted');
  });
});

describe('components by ConfigMap', () => {
  const deployment = 'GET /apis/apps/v1/namespaces/shop/deployments/web';
  const daemonSet = 'GET /apis/apps/v1/namespaces/net/daemonsets/cni';

  test.each<[string, Record<string, string>, Record<string, unknown>, object]>([
    ['without a workload it is well', {}, {}, { healthy: true, message: '', title: 'shop' }],
    [
      'a Deployment with all of its pods',
      { title: 'The shop', workload: 'shop/deployment/web' },
      { [deployment]: { metadata: { name: 'web' }, spec: { replicas: 2 }, status: { availableReplicas: 2 } } },
      { healthy: true, message: '', title: 'The shop' },
    ],
    [
      'a Deployment without any',
      { workload: 'shop/Deployment/web' },
      { [deployment]: { metadata: { name: 'web' }, spec: {}, status: {} } },
      { healthy: false, message: 'shop/Deployment/web: 0 of 1 pods are available' },
    ],
    [
      'a DaemonSet that lacks one',
      { workload: 'net/daemonset/cni' },
      { [daemonSet]: { metadata: { name: 'cni' }, status: { desiredNumberScheduled: 3, numberAvailable: 2 } } },
      { healthy: false, message: 'net/daemonset/cni: 2 of 3 pods are available' },
    ],
    [
      'a workload that is gone',
      { workload: 'shop/deployment/web' },
      {},
      { healthy: false, message: 'shop/deployment/web: it is not there' },
    ],
  ])('%s', async (_, data, objects, expected) => {
    const { components, warnings } = await list({
      [MAPS]: listOf(configMap('shop', { image: 'q/shop', ...data })),
      ...objects,
    });
    expect(warnings).toEqual([]);
    expect(components[1]).toMatchObject({ name: 'shop', kind: 'ConfigMap', image: 'q/shop', ...expected });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['no image', {}, /image: the image is empty/],
    ['an image that is none', { image: '-rf /' }, /image: /],
    ['a name that is none', { image: 'q/a', name: 'Not a name' }, /name: /],
    ['a workload that is none', { image: 'q/a', workload: 'web' }, /workload: "web": expected namespace\/deployment/],
    ['a workload that climbs', { image: 'q/a', workload: 'shop/deployment/..' }, /workload: /],
    ['the name of the cluster', { image: 'q/a', name: 'cluster' }, /a component of kind Cluster has its name/],
    ["an operator's name", { image: 'q/a', name: 'dns' }, /a component of kind ClusterOperator has its name/],
  ])('with %s is left out, with the reason', async (_, data, reason) => {
    const { components, warnings } = await list({
      [MAPS]: listOf(configMap('mine', data)),
      [OPERATORS]: listOf(operator('dns', 'q/dns', well)),
    });
    expect(components.map(({ name }) => name)).toEqual(['cluster', 'dns']);
    expect(warnings).toEqual([expect.stringMatching(reason)]);
  });

  test('are asked for by label, in one namespace only', async () => {
    await list({});
    expect(api?.requests.filter((request) => request.includes('configmaps'))).toEqual([
      expect.stringContaining('/api/v1/namespaces/muster/configmaps?labelSelector=muster.dev%2Fcomponent'),
    ]);
  });
});

describe('a report of components', () => {
  const found = {
    [CSVS]: listOf(version('odf.v1.0.0', 'Succeeded')),
    [MAPS]: listOf(configMap('shop', { image: 'q/shop' })),
  };

  test('runs their images in the order asked for, the cluster first', async () => {
    const { gathers } = await plan({ components: ['shop', 'odf', 'cluster'] }, found);
    expect(gathers.map(({ image }) => image)).toEqual([BUILT_IN, 'q/shop', 'q/odf']);
  });

  test('of one operator leaves the cluster out, and adds to images', async () => {
    const { gathers } = await plan({ components: ['odf'], images: ['q/own'] }, found);
    expect(gathers.map(({ image }) => image)).toEqual(['q/own', 'q/odf']);
  });

  test('all images and a component by ConfigMap', async () => {
    const { gathers } = await plan({ components: ['shop'], allImages: true }, found);
    expect(gathers.map(({ image }) => image)).toEqual([BUILT_IN, 'q/odf', 'q/shop']);
  });

  test('that there is not is refused by name, with what could not be read', async () => {
    await expect(plan({ components: ['odf', 'none'] }, found)).rejects.toMatchObject({
      code: 'NotFound',
      field: 'components',
      message: 'there is no component "none" in this cluster',
    });
    await api?.close();
    await expect(plan({ components: ['odf'] }, { [CSVS]: 403 })).rejects.toMatchObject({
      message: expect.stringMatching(/no component "odf" .*could not list clusterserviceversions/),
    });
  });
});
