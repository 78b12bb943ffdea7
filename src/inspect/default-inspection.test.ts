import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultInspection, fallbackInspection } from './default-inspection.ts';
import { apis, type Fixture, listOf, openFixture, shop } from './test-api.ts';

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
});
