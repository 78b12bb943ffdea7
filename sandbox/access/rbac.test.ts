import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canI } from '../../src/kube/access.ts';
import { isForbidden } from '../../src/kube/errors.ts';
import { type Kind, namespaces, pods } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import {
  type AccessWorld,
  clusterRoles,
  configMaps,
  type Loose,
  localReviews,
  podOf,
  rbac,
  roleBindings,
  roles,
  rulesReviews,
  secrets,
  startAccessWorld,
  subjectReviews,
} from '../../test/sandbox/access-world.ts';

describe('in the sandbox', () => {
  let world: AccessWorld;
  let admin: Kube;
  beforeAll(async () => {
    world = await startAccessWorld();
    admin = world.admin;
  });
  afterAll(() => world.close());

  describe('rules', () => {
    // account, verb, group, resource, namespace, name: allowed
    type Row = readonly [string, string, string, string, 'own' | 'other' | 'all', string, boolean];
    const rows: readonly Row[] = [
      ['viewer', 'get', '', 'pods', 'own', 'x', true],
      ['viewer', 'list', '', 'configmaps', 'own', '', true],
      ['viewer', 'watch', 'apps', 'deployments', 'own', '', true],
      ['viewer', 'get', '', 'pods/log', 'own', 'x', true],
      ['viewer', 'get', '', 'secrets', 'own', 'x', false],
      ['viewer', 'create', '', 'pods', 'own', '', false],
      ['viewer', 'get', '', 'pods', 'other', 'x', false],
      ['viewer', 'list', '', 'pods', 'all', '', false],
      ['editor', 'create', '', 'pods', 'own', '', true],
      ['editor', 'deletecollection', '', 'configmaps', 'own', '', true],
      ['editor', 'list', '', 'configmaps', 'own', '', true],
      ['editor', 'get', '', 'secrets', 'own', 'x', true],
      ['editor', 'create', '', 'pods/exec', 'own', 'x', true],
      ['editor', 'update', '', 'pods/status', 'own', 'x', false],
      ['editor', 'create', rbac, 'rolebindings', 'own', '', false],
      ['owner', 'create', rbac, 'rolebindings', 'own', '', true],
      ['owner', 'list', '', 'pods', 'own', '', true],
      ['owner', '*', '*', '*', 'own', '', false],
      ['everywhere', '*', '*', '*', 'all', '', true],
      ['everywhere', 'delete', 'muster.dev', 'mustgatherreports', 'other', 'x', true],
      ['oneName', 'get', '', 'secrets', 'own', 'mine', true],
      ['oneName', 'get', '', 'secrets', 'own', 'yours', false],
      ['oneName', 'list', '', 'secrets', 'own', '', false],
      ['oneName', 'list', '', 'secrets', 'own', 'mine', true],
      ['oneName', 'create', '', 'secrets', 'own', '', false],
      ['logs', 'get', '', 'pods/log', 'own', 'x', true],
      ['logs', 'get', '', 'pods', 'own', 'x', false],
      ['logs', 'get', '', 'pods/exec', 'own', 'x', false],
      ['scaler', 'patch', 'apps', 'deployments/scale', 'own', 'x', true],
      ['scaler', 'patch', 'apps', 'deployments', 'own', 'x', false],
      ['scaler', 'patch', 'apps', 'deployments/status', 'own', 'x', false],
      ['group', 'list', '', 'pods', 'own', '', true],
      ['default', 'list', '', 'pods', 'own', '', false],
      ['default', 'create', 'authorization.k8s.io', 'selfsubjectaccessreviews', 'all', '', true],
      ['default', 'create', 'authorization.k8s.io', 'subjectaccessreviews', 'all', '', false],
    ];
    let own = '';
    let other = '';
    beforeAll(async () => {
      [own, other] = [await world.makeNamespace(), await world.makeNamespace()];
      for (const name of new Set(rows.map(([account]) => account)))
        if (name !== 'default') await world.makeAccount(own, name.toLowerCase());
      const rule = (apiGroup: string, resource: string, verbs: string[], resourceNames?: string[]) => ({
        apiGroups: [apiGroup],
        resources: [resource],
        verbs,
        ...(resourceNames ? { resourceNames } : {}),
      });
      const named = {
        onename: rule('', 'secrets', ['*'], ['mine']),
        logs: rule('', 'pods/log', ['get']),
        scaler: rule('apps', '*/scale', ['patch']),
        group: rule('', 'pods', ['list']),
      };
      for (const [name, each] of Object.entries(named)) {
        await admin.create(roles, { metadata: { name }, rules: [each] }, { namespace: own });
        if (name !== 'group') await world.bind(own, name, 'Role', name);
      }
      await world.bind(own, 'viewer', 'ClusterRole', 'view');
      await world.bind(own, 'editor', 'ClusterRole', 'edit');
      await world.bind(own, 'owner', 'ClusterRole', 'admin');
      await world.bind(undefined, 'everywhere', 'ClusterRole', 'cluster-admin', own);
      const subjects = [{ apiGroup: rbac, kind: 'User', name: `system:serviceaccount:${own}:group` }];
      const roleRef = { apiGroup: rbac, kind: 'Role', name: 'group' };
      await admin.create(roleBindings, { metadata: { name: 'group' }, roleRef, subjects }, { namespace: own });
    });

    it.each(rows)('%s: %s %s %s in %s %s: %s', async (account, verb, group, path, where, name, allowed) => {
      const namespace = { own, other, all: '' }[where];
      const [resource = '', subresource] = path.split('/');
      const resourceAttributes = { verb, group, resource, subresource, namespace, name };
      const user = `system:serviceaccount:${own}:${account.toLowerCase()}`;
      const spec = { resourceAttributes, user, groups: ['system:serviceaccounts', 'system:authenticated'] };
      expect((await admin.create(subjectReviews, { metadata: {}, spec })).status).toMatchObject({ allowed });
      if (namespace === '') return;
      const local = await admin.create(localReviews, { metadata: {}, spec }, { namespace });
      expect(local.status).toMatchObject({ allowed });
    });

    it('hold for what is really done', async () => {
      const viewer = await world.as(own, 'viewer');
      expect(await canI(viewer, { verb: 'list', group: '', resource: 'pods', namespace: own })).toBe(true);
      expect(await Array.fromAsync(viewer.list(pods, { namespace: own }))).toEqual([]);
      await expect(Array.fromAsync(viewer.list(pods))).rejects.toSatisfy(isForbidden);
      await expect(viewer.create(pods, podOf('one'), { namespace: own })).rejects.toSatisfy(isForbidden);
      await expect(viewer.remove(configMaps, 'kube-root-ca.crt', { namespace: own })).rejects.toSatisfy(isForbidden);
      const watch = `/api/v1/namespaces/${other}/pods?watch=true`;
      await expect(viewer.stream(watch)).rejects.toSatisfy(isForbidden);
      // Rights within a namespace are about the namespace itself, too.
      expect((await viewer.get(namespaces, own)).metadata.name).toBe(own);
      await expect(viewer.get(namespaces, other)).rejects.toSatisfy(isForbidden);
      const oneName = await world.as(own, 'onename');
      await admin.create(secrets, { metadata: { name: 'mine' } }, { namespace: own });
      const only = await Array.fromAsync(
        oneName.list(secrets, { namespace: own, fieldSelector: 'metadata.name=mine' }),
      );
      expect(only).toHaveLength(1);
      await expect(Array.fromAsync(oneName.list(secrets, { namespace: own }))).rejects.toSatisfy(isForbidden);
    });

    it('are told to whom they hold for', async () => {
      const kube = await world.as(own, 'logs');
      const { status } = await kube.create(rulesReviews, { metadata: {}, spec: { namespace: own } });
      expect(status).toMatchObject({
        resourceRules: expect.arrayContaining([{ verbs: ['get'], apiGroups: [''], resources: ['pods/log'] }]),
        nonResourceRules: expect.arrayContaining([expect.objectContaining({ verbs: ['get'] })]),
        incomplete: false,
      });
    });

    it('gather those of other roles by label, also later', async () => {
      const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
      const rules = [{ apiGroups: ['muster.dev'], resources: ['mustgatherreports'], verbs: ['get'] }];
      const viewer = await world.as(own, 'viewer');
      const right = { verb: 'get', group: 'muster.dev', resource: 'mustgatherreports', namespace: own };
      expect(await canI(viewer, right)).toBe(false);
      await admin.create(clusterRoles, { metadata: { name: 'reports-view', labels }, rules });
      await expect.poll(() => canI(viewer, right)).toBe(true);
      await admin.remove(clusterRoles, 'reports-view');
      await expect.poll(() => canI(viewer, right)).toBe(false);
    });

    it('let nobody ask strange things', async () => {
      const resourceAttributes = { verb: 'get', resource: 'pods', namespace: own };
      const cases: [Kind<Loose>, object, number][] = [
        [subjectReviews, { resourceAttributes }, 422],
        [subjectReviews, { user: 'ada' }, 422],
        [localReviews, { user: 'ada', resourceAttributes: { ...resourceAttributes, namespace: other } }, 400],
        [rulesReviews, {}, 400],
      ];
      for (const [kind, spec, status] of cases) {
        const scope = kind.namespaced ? { namespace: own } : {};
        await expect(admin.create(kind, { metadata: {}, spec }, scope)).rejects.toMatchObject({ status });
      }
      const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
      await expect(admin.json(path)).rejects.toMatchObject({ status: 405 });
      const paths = {
        user: 'ada',
        groups: ['system:authenticated'],
        nonResourceAttributes: { verb: 'get', path: '/apis/x' },
      };
      const review = await admin.create(subjectReviews, { metadata: {}, spec: paths });
      expect(review.status).toEqual({ allowed: true });
    });
  });
});
