import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultInspection, fallbackInspection } from './default-inspection.ts';
import { apis, discovered, type Fixture, groupOf, listOf, openFixture, resource, shop } from './test-api.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

describe('without targets', () => {
  it('takes what the default gather takes on OpenShift, and what hangs on it', async () => {
    const root = '/apis/config.openshift.io/v1';
    await fixture.serve({
      ...shop,
      '/apis': { ...apis, groups: [{ name: 'config.openshift.io', versions: [{ version: 'v1' }] }] },
      '/api/v1/nodes': listOf({ metadata: { name: 'node-1' } }),
      [`${root}/clusteroperators`]: listOf({
        metadata: { name: 'dns' },
        status: { relatedObjects: [{ group: '', resource: 'namespaces', name: 'shop' }] },
      }),
      [`${root}/proxies`]: listOf(),
    });
    const { errors } = await defaultInspection(fixture.kube(), fixture.options());
    expect(errors).toEqual([]);
    expect(await fixture.files()).toContain('cluster-scoped-resources/core/nodes/node-1.yaml');
    expect(await fixture.files()).toContain('namespaces/shop/shop.yaml');
  });

  it('falls back to nodes and kube-system elsewhere', async () => {
    await fixture.serve({
      ...shop,
      '/api/v1/nodes': listOf({ metadata: { name: 'node-1' } }),
    });
    const { errors } = await fallbackInspection(fixture.kube(), fixture.options());
    expect(errors.join()).toContain('kube-system');
    expect(await fixture.files()).toContain('cluster-scoped-resources/core/nodes/node-1.yaml');
  });

  it('takes the whole of a plain cluster, and the ends of its logs', async () => {
    await fixture.serve({
      ...shop,
      '/api/v1/namespaces': listOf({ metadata: { name: 'shop' } }),
      '/api/v1/nodes': listOf({ metadata: { name: 'node-1' } }),
      '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations': listOf(),
      '/livez': { text: '[+]ping ok\nlivez check passed\n' },
      '/readyz': { text: 'ok' },
    });
    const { errors } = await defaultInspection(fixture.kube(), fixture.options());
    expect(errors).toEqual([]);
    const found = await fixture.files();
    for (const file of ['cluster-scoped-resources/core/nodes/node-1.yaml', 'namespaces/shop/shop.yaml']) {
      expect(found).toContain(file);
    }
    expect(await fixture.read('health/livez.txt')).toBe('[+]ping ok\nlivez check passed\n');
    const logs = fixture.requests().filter((request) => request.includes('/log?'));
    expect(logs.length).toBeGreaterThan(0);
    for (const request of logs) expect(request).toContain('tailLines=10000');
    expect(fixture.requests().some((request) => request.includes('/proxy/logs/'))).toBe(false);
  });

  it('brings every check of an API server that is not ready, and names those that failed', async () => {
    const checks = '[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/x failed: not finished\n[+]log ok\n';
    await fixture.serve({
      ...shop,
      '/apis': discovered(),
      '/livez': { text: 'ok' },
      '/readyz': { status: 500, text: `${checks}readyz check failed\n` },
      '/api/v1/namespaces': listOf(),
      '/api/v1/nodes': listOf(),
    });
    const { errors } = await defaultInspection(fixture.kube(), fixture.options());
    expect(await fixture.read('health/readyz.txt')).toBe(`${checks}readyz check failed\n`);
    expect(errors).toEqual([
      'readyz: [-]etcd failed: reason withheld; [-]poststarthook/x failed: not finished; see health/readyz.txt',
    ]);
  });

  it('falls back to the version, the operators and their keeper on OpenShift', async () => {
    const root = '/apis/config.openshift.io/v1';
    const openshift = {
      ...apis,
      items: [
        groupOf(
          'config.openshift.io',
          'v1',
          resource('clusteroperators', 'ClusterOperator', false),
          resource('clusterversions', 'ClusterVersion', false),
        ),
      ],
      groups: [{ name: 'config.openshift.io', versions: [{ version: 'v1' }] }],
    };
    const inKeeper = (plural: string) => `/api/v1/namespaces/openshift-cluster-version/${plural}`;
    await fixture.serve({
      ...shop,
      '/apis': openshift,
      [`${root}/clusteroperators`]: listOf({ metadata: { name: 'dns' } }),
      [`${root}/clusterversions`]: listOf({ metadata: { name: 'version' } }),
      '/api/v1/namespaces/openshift-cluster-version': { metadata: { name: 'openshift-cluster-version' } },
      ...Object.fromEntries(['pods', 'secrets', 'configmaps', 'events'].map((plural) => [inKeeper(plural), listOf()])),
    });
    const { errors } = await fallbackInspection(fixture.kube(), fixture.options());
    expect(errors).toEqual([]);
    const found = await fixture.files();
    for (const file of ['clusteroperators/dns.yaml', 'clusterversions/version.yaml', 'clusteroperators.yaml']) {
      expect(found).toContain(`cluster-scoped-resources/config.openshift.io/${file}`);
    }
    expect(found).toContain('namespaces/openshift-cluster-version/core/pods.yaml');
    expect(fixture.requests().some((request) => request.includes('nodes'))).toBe(false);
  });
});
