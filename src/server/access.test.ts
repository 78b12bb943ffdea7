import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessWorld, clusterRoleBindings, startAccessWorld } from '../../test/sandbox/access-world.ts';
import type { Kube } from '../kube/kube.ts';
import { realTimers } from '../kube/timers.ts';
import { createAccess } from './access.ts';

describe('who may call', () => {
  let world: AccessWorld;
  let namespace = '';
  let server: Kube;
  const soon = () => AbortSignal.timeout(20_000);
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  beforeAll(async () => {
    world = await startAccessWorld();
    namespace = await world.makeNamespace();
    for (const account of ['muster', 'admin', 'reader', 'nobody']) await world.makeAccount(namespace, account);
    await world.bind(undefined, 'muster', 'ClusterRole', 'system:auth-delegator', namespace);
    await world.bind(undefined, 'admin', 'ClusterRole', 'cluster-admin', namespace);
    await world.bind(undefined, 'reader', 'ClusterRole', 'view', namespace);
    // The server's own account has the two rights that it needs, and no others.
    server = await world.as(namespace, 'muster');
  });
  afterAll(() => world.close());

  it('is a cluster-admin', async () => {
    const token = await world.order(namespace, 'admin');
    const access = createAccess(server);
    const username = `system:serviceaccount:${namespace}:admin`;
    expect(await access.authorize(bearer(token), soon())).toEqual({
      username,
      groups: expect.arrayContaining([`system:serviceaccounts:${namespace}`, 'system:authenticated']),
    });
    expect(await access.authorize({ authorization: `bearer  ${token}` }, soon())).toMatchObject({ username });
  });

  it.each<[string, () => Promise<object>, number, RegExp]>([
    ['no token', async () => ({}), 401, /bearer token is needed/],
    ['an empty header', async () => ({ authorization: '' }), 401, /bearer token is needed/],
    ['another scheme', async () => ({ authorization: 'Basic YTpi' }), 401, /no bearer token/],
    ['two headers', async () => ({ authorization: ['Bearer a', 'Bearer b'] }), 401, /no bearer token/],
    ['a token of nonsense', async () => bearer('canary.of.nonsense'), 401, /not valid here/],
    ['a token above all lengths', async () => bearer('a'.repeat(40_000)), 401, /no bearer token/],
    [
      'a token for another audience',
      async () => bearer(await world.order(namespace, 'admin', { audiences: ['muster-ingest'] })),
      401,
      /not valid here/,
    ],
    ['somebody without rights', async () => bearer(await world.order(namespace, 'nobody')), 403, /no cluster-admin/],
    ['somebody who may read', async () => bearer(await world.order(namespace, 'reader')), 403, /no cluster-admin/],
    [
      'a cluster-admin in the name of another',
      async () => ({ ...bearer(await world.order(namespace, 'admin')), 'Impersonate-User': 'ada' }),
      403,
      /in the name of others/,
    ],
  ])('is not %s', async (_name, headers, status, message) => {
    const given = await headers();
    const error = await createAccess(server)
      .authorize(given as never, soon())
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toMatchObject({ httpStatus: status, message: expect.stringMatching(message) });
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  it('is remembered for 10 s, and felt to be revoked after that', async () => {
    await world.makeAccount(namespace, 'fired');
    const binding = await world.bind(undefined, 'fired', 'ClusterRole', 'cluster-admin', namespace);
    const token = await world.order(namespace, 'fired');
    let nowMs = 0;
    const access = createAccess(server, { timers: { ...realTimers, now: () => nowMs } });
    await access.authorize(bearer(token), soon());
    await world.admin.remove(clusterRoleBindings, binding.metadata.name ?? '');
    nowMs = 9_999;
    await access.authorize(bearer(token), soon());
    nowMs = 10_000;
    await expect(access.authorize(bearer(token), soon())).rejects.toMatchObject({ code: 'RightsMissing' });
  });

  it('does not wait for others: a slow answer holds up its own token only', async () => {
    const access = createAccess(server);
    const known = bearer(await world.order(namespace, 'admin'));
    await access.authorize(known, soon());
    const other = bearer(await world.order(namespace, 'admin', { expirationSeconds: 700 }));
    world.sandbox.faults.set([{ fault: { kind: 'stall', ms: 1500 }, percent: 100 }]);
    try {
      let isAnswered = false;
      const slow = Promise.all([access.authorize(other, soon()), access.authorize(other, soon())]).then(() => {
        isAnswered = true;
      });
      await access.authorize(known, soon());
      expect(isAnswered).toBe(false);
      await slow;
    } finally {
      world.sandbox.faults.set([]);
    }
  });

  it('is answered though another with the same token gave up', async () => {
    const access = createAccess(server);
    const token = bearer(await world.order(namespace, 'admin', { expirationSeconds: 800 }));
    const leaving = new AbortController();
    const left = access.authorize(token, leaving.signal);
    const staying = access.authorize(token, soon());
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(await staying).toMatchObject({ username: expect.stringContaining(':admin') });
  });

  it('cannot be told without the right to ask: that is no fault of the caller', async () => {
    const access = createAccess(await world.as(namespace, 'nobody'));
    const asked = access.authorize(bearer(await world.order(namespace, 'admin')), soon());
    await expect(asked).rejects.toMatchObject({ code: 'ClusterRefused', httpStatus: 502 });
  });
});
