import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pods } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import {
  type AccessWorld,
  configMaps,
  podOf,
  serviceAccounts,
  services,
  startAccessWorld,
} from '../../test/sandbox/access-world.ts';

describe('in the sandbox', () => {
  let world: AccessWorld;
  let admin: Kube;
  beforeAll(async () => {
    world = await startAccessWorld();
    admin = world.admin;
  });
  afterAll(() => world.close());

  describe('accounts', () => {
    it('are there in every namespace, with the authority, and come back', async () => {
      const namespace = await world.makeNamespace();
      for (const [kind, name] of [
        [serviceAccounts, 'default'],
        [configMaps, 'kube-root-ca.crt'],
      ] as const) {
        const { uid } = (await admin.get(kind, name, { namespace })).metadata;
        await admin.remove(kind, name, { namespace });
        await expect.poll(async () => (await admin.get(kind, name, { namespace })).metadata.uid).not.toBe(uid);
      }
      await admin.patch(configMaps, 'kube-root-ca.crt', 'merge', { data: { 'ca.crt': '' } }, { namespace });
      const data = async () => (await admin.get(configMaps, 'kube-root-ca.crt', { namespace })).data;
      await expect.poll(data).toMatchObject({ 'ca.crt': expect.stringContaining('BEGIN CERTIFICATE') });
    });

    it('are found at the service kubernetes', async () => {
      const service = await admin.get(services, 'kubernetes', { namespace: 'default' });
      const { hostname, port } = new URL(world.sandbox.server);
      expect(service.spec).toMatchObject({ clusterIP: hostname, ports: [{ port: Number(port) }] });
    });

    it('must be there before their pods', async () => {
      const namespace = await world.makeNamespace();
      const early = admin.create(pods, podOf('one', { serviceAccountName: 'late' }), { namespace });
      await expect(early).rejects.toMatchObject({ status: 403, next: 'wait' });
    });

    it('give their token to the containers of their pods', async () => {
      const namespace = await world.makeNamespace();
      const [container] = podOf('').spec.containers;
      const mounts = { volumeMounts: [{ name: 'own', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }] };
      const spec = {
        initContainers: [{ name: 'first', image: 'none' }],
        containers: [container, { name: 'two', image: 'none', ...mounts }],
        volumes: [{ name: 'own', emptyDir: {} }],
      };
      const pod = await admin.create(pods, podOf('one', spec), { namespace });
      const name = pod.spec.volumes?.[1]?.name ?? '';
      expect(name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
      const mount = { name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
      expect(pod.spec).toMatchObject({
        serviceAccountName: 'default',
        initContainers: [{ volumeMounts: [mount] }],
        containers: [{ volumeMounts: [mount] }, mounts],
        volumes: [
          { name: 'own' },
          {
            projected: {
              sources: [{ serviceAccountToken: { expirationSeconds: 3607 } }, { configMap: {} }, { downwardAPI: {} }],
            },
          },
        ],
      });
    });

    it('keep their token where they or the pod say so', async () => {
      const namespace = await world.makeNamespace();
      const quiet = await admin.create(pods, podOf('quiet', { automountServiceAccountToken: false }), { namespace });
      expect(quiet.spec.volumes).toBeUndefined();
      await admin.patch(serviceAccounts, 'default', 'merge', { automountServiceAccountToken: false }, { namespace });
      expect((await admin.create(pods, podOf('two'), { namespace })).spec.volumes).toBeUndefined();
      const asked = await admin.create(pods, podOf('three', { automountServiceAccountToken: true }), { namespace });
      expect(asked.spec.volumes).toHaveLength(1);
    });
  });
});
