import { Agent, get } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canI, clusterAdmin } from '../../src/kube/access.ts';
import { isForbidden } from '../../src/kube/errors.ts';
import { pods } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import {
  type AccessWorld,
  clusterRoles,
  podOf,
  serviceAccounts,
  startAccessWorld,
  whoami,
} from '../../test/sandbox/access-world.ts';
import { issueCertificates } from '../certificates.ts';

describe('in the sandbox', () => {
  let world: AccessWorld;
  let admin: Kube;
  beforeAll(async () => {
    world = await startAccessWorld();
    admin = world.admin;
  });
  afterAll(() => world.close());

  describe('callers', () => {
    it('are named by their certificate', async () => {
      expect((await admin.create(whoami, { metadata: {} })).status).toEqual({
        userInfo: { username: 'sandbox-admin', groups: ['system:masters', 'system:authenticated'] },
      });
      expect(await canI(admin, clusterAdmin)).toBe(true);
    });

    it('are named by their token, with the pod that it was made for', async () => {
      const namespace = await world.makeNamespace();
      const pod = await admin.create(pods, podOf('one'), { namespace });
      const ref = { kind: 'Pod', apiVersion: 'v1', name: 'one', uid: pod.metadata.uid };
      const kube = await world.holding(await world.order(namespace, 'default', { boundObjectRef: ref }));
      const account = await admin.get(serviceAccounts, 'default', { namespace });
      expect((await kube.create(whoami, { metadata: {} })).status).toEqual({
        userInfo: {
          username: `system:serviceaccount:${namespace}:default`,
          uid: account.metadata.uid,
          groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
          extra: {
            'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=[0-9a-f-]{36}$/)],
            'authentication.kubernetes.io/pod-name': ['one'],
            'authentication.kubernetes.io/pod-uid': [pod.metadata.uid],
          },
        },
      });
    });

    it('are nobody with a stranger’s certificate or none, and may then look at what is public only', async () => {
      const { admin: stranger } = await issueCertificates();
      const identities = [{}, { cert: stranger.certificatePem, key: stranger.keyPem }];
      const statusOf = (path: string, agent: Agent, headers = {}) =>
        new Promise((resolve, reject) => {
          get(`${world.sandbox.server}${path}`, { agent, headers }, (response) => {
            response.resume();
            resolve(response.statusCode);
          }).once('error', reject);
        });
      for (const identity of identities) {
        const agent = new Agent({ ...identity, rejectUnauthorized: false });
        for (const path of ['/api', '/apis', '/openapi/v3', '/api/v1/namespaces', '/nowhere'])
          expect([path, await statusOf(path, agent)]).toEqual([path, 401]);
        for (const path of ['/healthz', '/livez', '/readyz?verbose', '/version'])
          expect([path, await statusOf(path, agent)]).toEqual([path, 200]);
        expect(await statusOf('/version', agent, { authorization: 'Bearer none' })).toBe(401);
        agent.destroy();
      }
    });

    it('may be impersonated by those who may', async () => {
      const ada = await world.impersonating('ada', ['makers']);
      const { status } = await ada.create(whoami, { metadata: {} });
      expect(status).toMatchObject({ userInfo: { username: 'ada', groups: ['makers', 'system:authenticated'] } });
      expect(await canI(ada, { verb: 'list', group: '', resource: 'pods' })).toBe(false);
      const machine = await world.impersonating('system:serviceaccount:default:default');
      const groups = ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'];
      expect((await machine.create(whoami, { metadata: {} })).status).toMatchObject({ userInfo: { groups } });
      const headers = { 'impersonate-group': 'makers' };
      await expect(admin.json('/api/v1/nodes', { headers })).rejects.toMatchObject({ status: 400 });
    });

    it('may impersonate only whom a rule names', async () => {
      const namespace = await world.makeNamespace();
      await world.makeAccount(namespace, 'double');
      const rules = [{ verbs: ['impersonate'], apiGroups: [''], resources: ['users'], resourceNames: ['ada'] }];
      await admin.create(clusterRoles, { metadata: { name: `double-${namespace}` }, rules });
      await world.bind(undefined, 'double', 'ClusterRole', `double-${namespace}`, namespace);
      const token = await world.order(namespace, 'double');
      const asAda = await world.holding(token, { as: 'ada' });
      expect((await asAda.create(whoami, { metadata: {} })).status).toMatchObject({ userInfo: { username: 'ada' } });
      for (const options of [{ as: 'bob' }, { as: 'ada', asGroups: ['system:masters'] }]) {
        const kube = await world.holding(token, options);
        await expect(kube.create(whoami, { metadata: {} })).rejects.toSatisfy(isForbidden);
      }
    });
  });
});
