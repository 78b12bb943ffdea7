import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isForbidden } from '../../src/kube/errors.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { type AccessWorld, rbac, roleBindings, roles, startAccessWorld } from '../../test/sandbox/access-world.ts';

describe('in the sandbox', () => {
  let world: AccessWorld;
  let admin: Kube;
  beforeAll(async () => {
    world = await startAccessWorld();
    admin = world.admin;
  });
  afterAll(() => world.close());

  describe('nobody gives more rights than their own', () => {
    let namespace = '';
    let maker: Kube;
    const reading = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
    const secret = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }];
    const roleOf = (name: string, rules: object[]) => ({ metadata: { name }, rules });
    const bindingOf = (name: string, kind: string, role: string) => ({
      metadata: { name },
      roleRef: { apiGroup: rbac, kind, name: role },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    });
    beforeAll(async () => {
      namespace = await world.makeNamespace();
      await world.makeAccount(namespace, 'maker');
      const verbs = ['create', 'get', 'patch', 'update'];
      const own = [
        ...reading,
        { apiGroups: [rbac], resources: ['roles', 'rolebindings'], verbs },
        { apiGroups: [rbac], resources: ['clusterroles'], verbs: ['bind'], resourceNames: ['edit'] },
        { apiGroups: [rbac], resources: ['roles'], verbs: ['escalate'], resourceNames: ['free'] },
      ];
      await admin.create(roles, roleOf('maker', own), { namespace });
      await admin.create(roles, roleOf('secret', secret), { namespace });
      await world.bind(namespace, 'maker', 'Role', 'maker');
      maker = await world.as(namespace, 'maker');
    });

    it('in a role', async () => {
      await maker.create(roles, roleOf('fine', reading), { namespace });
      for (const rules of [secret, [{ ...reading[0], verbs: ['*'] }], [{ ...reading[0], resources: ['*'] }]])
        await expect(maker.create(roles, roleOf('more', rules), { namespace })).rejects.toSatisfy(isForbidden);
      await expect(maker.patch(roles, 'fine', 'merge', { rules: secret }, { namespace })).rejects.toSatisfy(
        isForbidden,
      );
      // Who may change a role may keep what others have put into it.
      await maker.patch(roles, 'secret', 'merge', { metadata: { labels: { a: 'b' } } }, { namespace });
      await admin.create(roles, roleOf('free', []), { namespace });
      await maker.patch(roles, 'free', 'merge', { rules: secret }, { namespace });
    });

    it('by an apply, which also needs the right to create what it creates', async () => {
      await maker.patch(roles, 'applied', 'apply', { rules: reading }, { namespace });
      const more = maker.patch(roles, 'applied', 'apply', { rules: secret }, { namespace });
      await expect(more).rejects.toSatisfy(isForbidden);
      await world.makeAccount(namespace, 'patcher');
      const rules = [...reading, { apiGroups: [rbac], resources: ['roles'], verbs: ['patch'] }];
      await admin.create(roles, roleOf('patcher', rules), { namespace });
      await world.bind(namespace, 'patcher', 'Role', 'patcher');
      const patcher = await world.as(namespace, 'patcher');
      await patcher.patch(roles, 'applied', 'apply', { rules: reading }, { namespace });
      const created = patcher.patch(roles, 'another', 'apply', { rules: reading }, { namespace });
      await expect(created).rejects.toSatisfy(isForbidden);
    });

    it('in a binding', async () => {
      await maker.create(roleBindings, bindingOf('own', 'Role', 'maker'), { namespace });
      await maker.create(roleBindings, bindingOf('bound', 'ClusterRole', 'edit'), { namespace });
      for (const [kind, role] of [
        ['Role', 'secret'],
        ['ClusterRole', 'admin'],
        ['ClusterRole', 'cluster-admin'],
      ] as const)
        await expect(maker.create(roleBindings, bindingOf('more', kind, role), { namespace })).rejects.toSatisfy(
          isForbidden,
        );
      const nowhere = maker.create(roleBindings, bindingOf('nowhere', 'Role', 'none'), { namespace });
      await expect(nowhere).rejects.toMatchObject({ status: 404 });
      const theirs = bindingOf('theirs', 'Role', 'secret');
      await admin.create(roleBindings, theirs, { namespace });
      const subjects = [...theirs.subjects, { kind: 'ServiceAccount', name: 'maker', namespace }];
      await expect(maker.patch(roleBindings, 'theirs', 'merge', { subjects }, { namespace })).rejects.toSatisfy(
        isForbidden,
      );
      const roleRef = { apiGroup: rbac, kind: 'Role', name: 'fine' };
      const turned = admin.patch(roleBindings, 'theirs', 'merge', { roleRef }, { namespace });
      await expect(turned).rejects.toMatchObject({ status: 422 });
    });
  });
});
