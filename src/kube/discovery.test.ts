import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { canI, clusterAdmin, requireRights } from './access.ts';
import { discover } from './discovery.ts';
import { sendJson, sendStatus, startServer, type TestServer } from './test-server.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

const deployments = { kind: 'Deployment', shortNames: ['deploy'], categories: ['all'], verbs: ['get', 'list'] };
const pods = { kind: 'Pod', shortNames: ['po'], categories: ['all'], verbs: ['get'] };

const aggregated: Record<string, unknown> = {
  '/api': {
    kind: 'APIGroupDiscoveryList',
    items: [{ versions: [{ version: 'v1', resources: [served('pods', 'pod', pods)] }] }],
  },
  '/apis': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: 'apps' },
        versions: [
          { version: 'v1', freshness: 'Current', resources: [served('deployments', 'deployment', deployments)] },
          { version: 'v1beta1', resources: [served('deployments', 'deployment', deployments)] },
        ],
      },
      { metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1beta1', freshness: 'Stale' }] },
    ],
  },
};

function served(resource: string, singularResource: string, { kind, ...rest }: typeof pods) {
  return { resource, singularResource, scope: 'Namespaced', responseKind: { group: '', version: '', kind }, ...rest };
}

const each: Record<string, unknown> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    groups: [
      {
        name: 'apps',
        versions: [{ version: 'v1beta1' }, { version: 'v1' }],
        preferredVersion: { version: 'v1' },
      },
      { name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }], preferredVersion: { version: 'v1beta1' } },
    ],
  },
  '/api/v1': {
    resources: [
      { name: 'pods', singularName: 'pod', namespaced: true, ...pods },
      { name: 'pods/log', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get'] },
    ],
  },
  '/apis/apps/v1': {
    resources: [{ name: 'deployments', singularName: 'deployment', namespaced: true, ...deployments }],
  },
  '/apis/apps/v1beta1': {
    resources: [{ name: 'deployments', singularName: 'deployment', namespaced: true, ...deployments }],
  },
};

describe('discovery', () => {
  it('finds the same with and without aggregation, and goes on where a group is down', async () => {
    let speaksAggregated = true;
    server = await startServer((request: IncomingMessage, response) => {
      const documents = speaksAggregated ? aggregated : each;
      const document = documents[request.url ?? ''];
      if (document === undefined) sendStatus(response, 503, 'ServiceUnavailable');
      else sendJson(response, document);
    });
    const first = await discover(server.kube());
    expect(server.requests).toHaveLength(2);
    expect(first.aggregated).toEqual({ api: aggregated['/api'], apis: aggregated['/apis'] });
    speaksAggregated = false;
    const second = await discover(server.kube());
    expect(second.aggregated).toBeUndefined();
    expect(second.resources).toEqual(first.resources);
    expect(first.resources.map(({ group, version, plural, preferred }) => [group, version, plural, preferred])).toEqual(
      [
        ['', 'v1', 'pods', true],
        ['apps', 'v1', 'deployments', true],
        ['apps', 'v1beta1', 'deployments', false],
      ],
    );
    for (const found of [first, second]) {
      expect(found.failed.map(({ groupVersion }) => groupVersion)).toEqual(['metrics.k8s.io/v1beta1']);
    }
  });
});

describe('access', () => {
  it('is asked of the API server, and what is missing is named', async () => {
    server = await startServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const review = JSON.parse(body);
        const allowed = review.spec.resourceAttributes.resource === 'pods';
        sendJson(response, { ...review, status: { allowed } }, 201);
      });
    });
    const kube = server.kube();
    const right = { verb: 'create', group: '', resource: 'pods', namespace: 'n' };
    expect([await canI(kube, right), await canI(kube, clusterAdmin)]).toEqual([true, false]);
    await requireRights(kube, [right]);
    const lacking = requireRights(kube, [right, { verb: 'list', group: 'apps', resource: 'deployments' }]);
    await expect(lacking).rejects.toMatchObject({
      code: 'RightsMissing',
      message: 'The right is missing to list deployments.apps.',
    });
    await expect(requireRights(kube, [clusterAdmin])).rejects.toThrow('cluster-admin');
  });
});
