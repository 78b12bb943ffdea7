import { expect, it, onTestFinished } from 'vitest';
import { isUnauthorized } from '../../src/kube/errors.ts';
import { type Pod, pods } from '../../src/kube/kinds.ts';
import { startAccessWorld, whoami } from '../../test/sandbox/access-world.ts';
import { type Image, imageOf } from '../kubelet/images.ts';

it('a container of the sandbox is whom the token in its folder names, for as long as its pod is there', async () => {
  const images: Image[] = [await imageOf({ names: ['localhost/tools:1'], cmd: ['true'], env: {} }, '/nonexistent')];
  const world = await startAccessWorld({ pods: { images } });
  onTestFinished(() => world.close());
  const { admin } = world;
  const namespace = await world.makeNamespace();
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';
  const command = ['cat', `${account}/namespace`, `${account}/ca.crt`, `${account}/token`];
  const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'localhost/tools:1', command }] } as const;
  const pod: Pod = { metadata: { name: 'one' }, spec: { ...spec, containers: [...spec.containers] } };
  await admin.create(pods, pod, { namespace });
  const phase = async () => (await admin.get(pods, 'one', { namespace })).status?.phase;
  await expect.poll(phase, { timeout: 15_000 }).toBe('Succeeded');
  const { body } = await admin.stream(`/api/v1/namespaces/${namespace}/pods/one/log`);
  const text = Buffer.concat(await Array.fromAsync(body)).toString();
  expect(text).toMatch(new RegExp(`^${namespace}-----BEGIN CERTIFICATE-----`));
  const kube = await world.holding(text.trim().split('\n').at(-1) ?? '');
  expect((await kube.create(whoami, { metadata: {} })).status).toMatchObject({
    userInfo: {
      username: `system:serviceaccount:${namespace}:default`,
      extra: { 'authentication.kubernetes.io/pod-name': ['one'] },
    },
  });
  await admin.remove(pods, 'one', { namespace, gracePeriodSeconds: 0 });
  await expect(kube.create(whoami, { metadata: {} })).rejects.toSatisfy(isUnauthorized);
});
