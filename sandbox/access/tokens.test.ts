import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isUnauthorized } from '../../src/kube/errors.ts';
import { namespaces, pods } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import {
  type AccessWorld,
  podOf,
  secrets,
  serviceAccounts,
  startAccessWorld,
  tokenReviews,
} from '../../test/sandbox/access-world.ts';
import { startSandbox } from '../server.ts';
import { createTokens } from './tokens.ts';

describe('in the sandbox', () => {
  let world: AccessWorld;
  let admin: Kube;
  beforeAll(async () => {
    world = await startAccessWorld();
    admin = world.admin;
  });
  afterAll(() => world.close());

  describe('tokens', () => {
    const ask = (kube: Kube) => kube.json('/version');

    it('are worth nothing for another audience, after a change, or when made elsewhere', async () => {
      const namespace = await world.makeNamespace();
      const token = await world.order(namespace, 'default');
      await expect(ask(await world.holding(token))).resolves.toBeTruthy();
      const [header, claims, signature] = token.split('.');
      const read = JSON.parse(Buffer.from(claims ?? '', 'base64url').toString());
      const forged = Buffer.from(JSON.stringify({ ...read, sub: 'system:serviceaccount:kube-system:default' }));
      const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
      const other = await startSandbox();
      const order2 = { namespace: 'default', serviceAccount: 'default', expirationSeconds: 600 };
      const foreign = (await other.api.access.issueToken(order2)).token;
      await other.close();
      const useless = [
        await world.order(namespace, 'default', { audiences: ['somebody-else'] }),
        `${header}.${forged.toString('base64url')}.${signature}`,
        `${none}.${claims}.`,
        foreign,
        'nonsense',
      ];
      for (const each of useless) await expect(ask(await world.holding(each))).rejects.toSatisfy(isUnauthorized);
    });

    const account = {
      make: (namespace: string) => world.makeAccount(namespace, 'short'),
      remove: (namespace: string) => admin.remove(serviceAccounts, 'short', { namespace }),
      ref: undefined,
    };
    const pod = {
      make: (namespace: string) => admin.create(pods, podOf('one', { serviceAccountName: 'short' }), { namespace }),
      remove: (namespace: string) => admin.remove(pods, 'one', { namespace, gracePeriodSeconds: 0 }),
      ref: 'Pod',
    };
    const secret = {
      make: (namespace: string) => admin.create(secrets, { metadata: { name: 'one' } }, { namespace }),
      remove: (namespace: string) => admin.remove(secrets, 'one', { namespace }),
      ref: 'Secret',
    };
    it.each(Object.entries({ pod, secret, account }))('are worth nothing once the %s is another', async (_, what) => {
      const namespace = await world.makeNamespace();
      if (what !== account) await account.make(namespace);
      const { uid } = (await what.make(namespace)).metadata;
      const boundObjectRef = { kind: what.ref, apiVersion: 'v1', name: 'one', uid };
      const token = await world.order(namespace, 'short', what.ref === undefined ? {} : { boundObjectRef });
      const kube = await world.holding(token);
      await ask(kube);
      await what.remove(namespace);
      await expect(ask(kube)).rejects.toSatisfy(isUnauthorized);
      await what.make(namespace);
      await expect(ask(kube)).rejects.toSatisfy(isUnauthorized);
    });

    it('are worth nothing once their namespace is gone', async () => {
      const namespace = await world.makeNamespace();
      const kube = await world.as(namespace, 'default');
      await ask(kube);
      await admin.remove(namespaces, namespace);
      const status = () =>
        ask(kube).then(
          () => 200,
          (error) => error.status,
        );
      await expect.poll(status).toBe(401);
    });

    it('run out, those of the volume of every pod after a year only', async () => {
      let nowMs = Date.parse('2026-01-01T00:00:00Z');
      const tokens = await createTokens(world.sandbox.api.store, () => new Date(nowMs));
      const order = { namespace: 'default', serviceAccount: 'default' };
      const own = await tokens.issue({ ...order, expirationSeconds: 600 });
      expect(own.expiresAt).toEqual(new Date('2026-01-01T00:10:00Z'));
      nowMs += 599_000;
      expect(await tokens.read(own.token)).toMatchObject({ audiences: ['https://kubernetes.default.svc'] });
      nowMs += 2000;
      await expect(tokens.read(own.token)).rejects.toMatchObject({ code: 401 });
      const made = await admin.create(pods, podOf('old'), { namespace: 'default' });
      const bound = { name: 'old', uid: made.metadata.uid ?? '' };
      const mounted = await tokens.issue({ ...order, expirationSeconds: 3607, pod: bound });
      nowMs += 364 * 24 * 3_600_000;
      await tokens.read(mounted.token);
      nowMs += 2 * 24 * 3_600_000;
      await expect(tokens.read(mounted.token)).rejects.toMatchObject({ code: 401 });
    });

    it('are not issued for what is not there, or for too short', async () => {
      const namespace = await world.makeNamespace();
      const pod = await admin.create(pods, podOf('one'), { namespace });
      await world.makeAccount(namespace, 'other');
      const ref = { kind: 'Pod', apiVersion: 'v1', name: 'one' };
      const cases: [string, object, number][] = [
        ['nobody', {}, 404],
        ['default', { expirationSeconds: 599 }, 422],
        ['default', { boundObjectRef: { ...ref, name: 'two' } }, 404],
        ['default', { boundObjectRef: { ...ref, uid: 'another' } }, 409],
        ['other', { boundObjectRef: { ...ref, uid: pod.metadata.uid } }, 400],
      ];
      for (const [account, spec, status] of cases)
        await expect(world.order(namespace, account, spec)).rejects.toMatchObject({ status });
    });

    it('are reviewed, each for its audience', async () => {
      const namespace = await world.makeNamespace();
      const review = async (token: string, audiences?: string[]) =>
        (await admin.create(tokenReviews, { metadata: {}, spec: { token, audiences } })).status;
      const username = `system:serviceaccount:${namespace}:default`;
      const ours = await world.order(namespace, 'default');
      const server = 'https://kubernetes.default.svc';
      expect(await review(ours)).toMatchObject({ authenticated: true, user: { username }, audiences: [server] });
      const ingest = await world.order(namespace, 'default', { audiences: ['muster-ingest', 'b'] });
      const answer = { authenticated: true, user: { username }, audiences: ['muster-ingest'] };
      expect(await review(ingest, ['muster-ingest', 'c'])).toMatchObject(answer);
      for (const useless of [review(ingest), review(ours, ['muster-ingest']), review('nonsense')])
        expect(await useless).toEqual({ user: {}, error: expect.any(String) });
      await expect(review('')).rejects.toMatchObject({ status: 400 });
    });
  });
});
