import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { fillSample, sampleKinds } from '../../sandbox/sample/sample-cluster.ts';
import { startSample } from '../../sandbox/sample/start-sample.ts';
import { connect } from '../../src/kube/connect.ts';
import { namespaces } from '../../src/kube/kinds.ts';
import { documentedOperations } from '../../src/server/documented.ts';
import { createOverview } from '../../src/server/overview.ts';
import { clusterRoles, roles, startAccessWorld } from './access-world.ts';

it('the sample cluster: its own name, and what is not well in it', async () => {
  const sandbox = await startSample({});
  try {
    const kube = await connect({ kubeconfigText: sandbox.kubeconfig, env: {} });
    const overview = await createOverview({ kube })();
    await kube.close();
    expect(overview.cluster).toMatchObject({ name: 'sample-x7k2p', version: '4.22.3-sample', provider: 'None' });
    expect(overview.nodes).toEqual({ ready: 3, total: 3, notReady: [] });
    expect(overview.health).toMatchObject({ cluster: { state: 'ok' }, nodes: { state: 'ok' } });
    expect(overview.operators).toContainEqual(
      expect.objectContaining({ name: 'image-registry', component: 'cluster', message: expect.stringMatching(/./) }),
    );
    expect(overview.operators).toContainEqual({
      name: 'kubevirt-hyperconverged-operator',
      title: 'Virtualization (sample) 4.22.1',
      message: expect.stringMatching(/^Failed: virt-handler runs on 1 of 2 nodes/),
      component: 'kubevirt-hyperconverged-operator',
    });
    expect(overview.warnings).toEqual([]);
    const told = documentedOperations().find(({ path }) => path === '/overview');
    expect(told?.misfit(200, 'application/json', JSON.stringify(overview))).toBeUndefined();
  } finally {
    await sandbox.close();
  }
});

it('needs no right beyond those that deploy/base gives', async () => {
  const world = await startAccessWorld({ kinds: sampleKinds });
  try {
    fillSample(world.sandbox.api);
    await world.admin.create(namespaces, { metadata: { name: 'muster' } });
    await world.makeAccount('muster', 'muster');
    for (const [file, kind] of [['cluster-role', clusterRoles] as const, ['role', roles] as const]) {
      const [role] = parseAllDocuments(
        await readFile(new URL(`../../deploy/base/${file}.yaml`, import.meta.url), 'utf8'),
      );
      await world.admin.create(kind, role?.toJSON(), kind.namespaced ? { namespace: 'muster' } : {});
    }
    await world.bind(undefined, 'muster', 'ClusterRole', 'muster', 'muster');
    await world.bind('muster', 'muster', 'Role', 'muster');
    const overview = await createOverview({ kube: await world.as('muster', 'muster') })();
    expect([overview.cluster.name, overview.warnings]).toEqual(['sample-x7k2p', []]);
  } finally {
    await world.close();
  }
});
