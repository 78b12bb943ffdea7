import { afterEach, describe, expect, it } from 'vitest';
import { listOf, startApi } from '../gather/test-api.ts';
import type { TestServer } from '../kube/test-server.ts';
import type { Overview } from '../report/rest-overview.ts';
import { documentedOperations } from './documented.ts';
import { createOverview, type OverviewOptions } from './overview.ts';

const OPENSHIFT = 'GET /apis/config.openshift.io/v1';
let api: TestServer | undefined;
afterEach(() => api?.close());

const condition = (type: string, status: string, more: object = {}) => ({ type, status, ...more });
const node = (name: string, ready: string, providerID?: string) => ({
  metadata: { name },
  spec: { providerID },
  status: { conditions: [condition('Ready', ready)] },
});
const operator = (name: string, available: string, degraded: string, message: string, annotations = {}) => ({
  metadata: { name, annotations },
  status: {
    conditions: [condition('Available', available, { message }), condition('Degraded', degraded, { message })],
  },
});

/** A Kubernetes that is well. */
const plain = {
  'GET /readyz': 'ok',
  'GET /version': { gitVersion: 'v1.36.2' },
  'GET /api/v1/namespaces/kube-system': { metadata: { name: 'kube-system', uid: 'u-1' } },
  'GET /api/v1/nodes': listOf(node('n1', 'True', 'kind://docker/a/n1'), node('n2', 'True')),
  'GET /api/v1/namespaces/muster/configmaps': listOf(),
};

async function look(objects: Record<string, unknown> = {}, options: Partial<OverviewOptions> = {}): Promise<Overview> {
  api = await startApi({ ...plain, ...objects });
  return await createOverview({ kube: api.kube(), ...options })();
}

/** The document holds for whatever an overview may be. */
function expectAsDocumented(overview: Overview): void {
  const told = documentedOperations().find(({ path }) => path === '/overview');
  expect(told?.misfit(200, 'application/json', JSON.stringify(overview))).toBeUndefined();
}

describe('plain Kubernetes', () => {
  it('that is well: what it is, by its API and its nodes', async () => {
    const overview = await look();
    expect(overview).toEqual({
      cluster: {
        id: 'u-1',
        name: new URL(api?.url ?? '').host,
        kubernetesVersion: 'v1.36.2',
        provider: 'kind',
        apiServer: api?.url,
      },
      health: { cluster: { state: 'ok' }, operators: { state: 'unknown' }, nodes: { state: 'ok' } },
      operators: [],
      nodes: { ready: 2, total: 2, notReady: [] },
      alerts: null,
      warnings: [],
    });
    expectAsDocumented(overview);
  });

  it('whose components are not well: each by the name that a request takes', async () => {
    const map = {
      metadata: { name: 'shop' },
      data: { title: 'The shop', image: 'q/shop', workload: 'shop/deployment/web' },
    };
    const overview = await look({
      'GET /api/v1/namespaces/muster/configmaps': listOf(map),
      'GET /apis/apps/v1/namespaces/shop/deployments/web': { metadata: { name: 'web' }, spec: { replicas: 2 } },
    });
    expect(overview.health.operators).toEqual({ state: 'warning', text: '1 not well' });
    const message = 'shop/deployment/web: 0 of 2 pods are available';
    expect(overview.operators).toEqual([{ name: 'shop', title: 'The shop', message, component: 'shop' }]);
  });

  it.each([
    [['True', 'False'], 'warning', 'ok'],
    [['False', 'Unknown'], 'error', 'error'],
  ])('whose nodes are ready or not: %j', async (ready, state, cluster) => {
    const overview = await look({ 'GET /api/v1/nodes': listOf(...ready.map((is, at) => node(`n${at}`, is))) });
    expect([overview.health.nodes.state, overview.health.cluster.state]).toEqual([state, cluster]);
    expect(overview.nodes.ready + overview.nodes.notReady.length).toBe(overview.nodes.total);
  });
});

describe('what cannot be read', () => {
  it('is a warning; the rest is told', async () => {
    const refused = ['nodes', 'namespaces/kube-system'].map((path) => [`GET /api/v1/${path}`, 403]);
    const openshift = ['clusteroperators', 'infrastructures/cluster'].map((path) => [`${OPENSHIFT}/${path}`, 403]);
    const overview = await look(Object.fromEntries([...refused, ...openshift]));
    expect(overview.cluster.kubernetesVersion).toBe('v1.36.2');
    expect(overview.health).toMatchObject({ operators: { state: 'unknown' }, nodes: { state: 'unknown' } });
    expect(overview.warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^could not read the nodes: /),
        expect.stringMatching(/^could not read the ClusterOperators: /),
        expect.stringMatching(/^could not read the Infrastructure: /),
      ]),
    );
    expectAsDocumented(overview);
  });

  it('are alerts, for one: they are null then, and a list where they can be', async () => {
    const broken = await look({}, { readAlerts: () => Promise.reject(new Error('Alertmanager answered 403')) });
    expect([broken.alerts, broken.warnings]).toEqual([null, ['could not read the alerts: Alertmanager answered 403']]);
    await api?.close();
    const alert = { name: 'Disk', severity: 'warning', summary: 'full', activeSince: '2026-11-21T09:00:00Z' };
    const overview = await look({}, { readAlerts: async () => [alert, { ...alert, operator: 'dns' }] });
    expect(overview.alerts).toEqual([alert, { ...alert, component: 'cluster' }]);
    expectAsDocumented(overview);
  });
});

it('an OpenShift: operators with gather images of their own, and those that the cluster’s image knows', async () => {
  const image = { 'operators.openshift.io/must-gather-image': 'q/net' };
  const overview = await look(
    {
      [`${OPENSHIFT}/clusterversions/version`]: {
        metadata: { name: 'version' },
        spec: { clusterID: 'c-1' },
        status: {
          history: [{ state: 'Completed', version: '4.22.3' }],
          conditions: [
            condition('Available', 'True'),
            condition('Failing', 'True', { reason: 'ClusterOperatorDegraded', message: 'dns' }),
          ],
        },
      },
      [`${OPENSHIFT}/infrastructures/cluster`]: {
        metadata: { name: 'cluster' },
        status: {
          infrastructureName: 'prod-x',
          apiServerURL: 'https://api.prod:6443',
          platformStatus: { type: 'AWS' },
        },
      },
      [`${OPENSHIFT}/clusteroperators`]: listOf(
        operator('dns', 'False', 'True', 'no pods'),
        operator('etcd', 'True', 'False', ''),
        operator('network', 'True', 'True', 'slow', image),
      ),
    },
    { clusterName: 'Prod, Basel' },
  );
  expect(overview).toMatchObject({
    cluster: { id: 'c-1', name: 'Prod, Basel', version: '4.22.3', provider: 'AWS', apiServer: 'https://api.prod:6443' },
    health: { cluster: { state: 'ok' }, operators: { state: 'error', text: '2 not well' } },
    operators: [
      { name: 'dns', title: 'dns', message: 'no pods', component: 'cluster' },
      { name: 'network', title: 'network', message: 'slow', component: 'network' },
    ],
  });
  expectAsDocumented(overview);
});

it.each([
  [[condition('Available', 'False', { message: 'down' })], { state: 'error', text: 'down' }],
  [
    [condition('Failing', 'True', { reason: 'UpdatePayloadFailed', message: 'no image' })],
    { state: 'warning', text: 'no image' },
  ],
])('an OpenShift whose version says %j', async (conditions, cluster) => {
  const version = { metadata: { name: 'version' }, status: { conditions } };
  const { health } = await look({ [`${OPENSHIFT}/clusterversions/version`]: version });
  expect(health.cluster).toEqual(cluster);
});

it('one look serves all who ask at the same time', async () => {
  api = await startApi(plain);
  const overview = createOverview({ kube: api.kube() });
  const looks = await Promise.all(Array.from({ length: 20 }, overview));
  expect(new Set(looks).size).toBe(1);
  expect(api.requests.filter((request) => request.startsWith('GET /version'))).toHaveLength(1);
});
