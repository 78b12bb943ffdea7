import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessWorld, podOf, startAccessWorld } from '../../test/sandbox/access-world.ts';
import { pods } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { realTimers } from '../kube/timers.ts';
import { createAccess } from './access.ts';
import { createIngestAccess } from './ingest-access.ts';

const INGEST = ['muster-ingest'];

describe('whose upload this is', () => {
  let world: AccessWorld;
  let namespace = '';
  let server: Kube;
  let uid = '';
  const soon = () => AbortSignal.timeout(20_000);
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const bound = () => ({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'gather-x1', uid } });

  beforeAll(async () => {
    world = await startAccessWorld();
    namespace = await world.makeNamespace();
    for (const account of ['muster', 'gather']) await world.makeAccount(namespace, account);
    await world.bind(undefined, 'muster', 'ClusterRole', 'system:auth-delegator', namespace);
    // As a gather's account is: its tokens for the packer must be worth nothing on any other door.
    await world.bind(undefined, 'gather', 'ClusterRole', 'cluster-admin', namespace);
    const pod = await world.admin.create(pods, podOf('gather-x1', { serviceAccountName: 'gather' }), { namespace });
    uid = pod.metadata.uid ?? '';
    server = await world.as(namespace, 'muster');
  });
  afterAll(() => world.close());

  it('is the pod that the token is bound to', async () => {
    const token = await world.order(namespace, 'gather', { audiences: INGEST, ...bound() });
    const pod = { namespace, name: 'gather-x1', uid };
    expect(await createIngestAccess(server).identify(bearer(token), soon())).toEqual(pod);
    await expect(createAccess(server).authorize(bearer(token), soon())).rejects.toMatchObject({ httpStatus: 401 });
  });

  it.each<[string, object]>([
    ['the API server', {}],
    ['another service', { audiences: ['vault'] }],
  ])('is nobody with a token of the same pod for %s', async (_name, spec) => {
    const token = await world.order(namespace, 'gather', { ...spec, ...bound() });
    const asked = createIngestAccess(server).identify(bearer(token), soon());
    await expect(asked).rejects.toMatchObject({ httpStatus: 401, message: expect.stringMatching(/no token of a/) });
  });

  it('is nobody with a token of no pod', async () => {
    const token = await world.order(namespace, 'gather', { audiences: INGEST });
    const asked = createIngestAccess(server).identify(bearer(token), soon());
    await expect(asked).rejects.toMatchObject({ httpStatus: 401 });
  });

  it('is nobody once the pod is gone, within 10 s', async () => {
    const made = await world.admin.create(pods, podOf('gather-x2', { serviceAccountName: 'gather' }), { namespace });
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'gather-x2', uid: made.metadata.uid };
    const token = await world.order(namespace, 'gather', { audiences: INGEST, boundObjectRef });
    let nowMs = 0;
    const access = createIngestAccess(server, { timers: { ...realTimers, now: () => nowMs } });
    await access.identify(bearer(token), soon());
    await world.admin.remove(pods, 'gather-x2', { namespace, gracePeriodSeconds: 0 });
    nowMs = 9_999;
    await access.identify(bearer(token), soon());
    nowMs = 10_000;
    await expect(access.identify(bearer(token), soon())).rejects.toMatchObject({ httpStatus: 401 });
  });
});
