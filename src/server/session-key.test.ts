import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessWorld, rbac, startAccessWorld } from '../../test/sandbox/access-world.ts';
import { secrets } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { sessionKeyInFolder, sessionKeyInSecret } from './session-key.ts';

describe('the key of sessions in a Secret', () => {
  let world: AccessWorld;
  let namespace = '';
  let server: Kube;
  beforeAll(async () => {
    world = await startAccessWorld();
    namespace = await world.makeNamespace();
    await world.makeAccount(namespace, 'muster');
    const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'create'] }];
    const role = { group: rbac, version: 'v1', plural: 'roles', kind: 'Role', namespaced: true };
    await world.admin.create(role, { metadata: { name: 'muster' }, rules } as never, { namespace });
    await world.bind(namespace, 'muster', 'Role', 'muster');
    server = await world.as(namespace, 'muster');
  });
  afterAll(() => world.close());

  it('is the same for replicas that start at the same time, and at the next start', async () => {
    const replicas = Array.from({ length: 5 }, () => sessionKeyInSecret(server, namespace, randomBytes));
    const [first, ...others] = await Promise.all(replicas);
    expect(first?.length).toBe(32);
    for (const other of others) expect(Buffer.compare(other, first ?? other)).toBe(0);
    const next = await sessionKeyInSecret(server, namespace, randomBytes);
    expect(Buffer.compare(next, first ?? next)).toBe(0);
  });

  it('is refused, with what to do, where the Secret holds something else', async () => {
    const data = { key: Buffer.from('short').toString('base64') };
    await world.admin.patch(secrets, 'muster-session', 'merge', { data }, { namespace });
    await expect(sessionKeyInSecret(server, namespace, randomBytes)).rejects.toMatchObject({
      code: 'NotReady',
      message: expect.stringMatching(/muster-session holds no key of 32 bytes; delete it/),
    });
  });
});

describe('the key of sessions in a folder', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-key-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is made once, for its owner alone', async () => {
    const inner = join(folder, 'tls');
    const first = await sessionKeyInFolder(inner, randomBytes);
    expect(Buffer.compare(await sessionKeyInFolder(inner, randomBytes), first)).toBe(0);
    const file = join(inner, 'muster-session');
    expect([(await readFile(file)).length, (await stat(file)).mode & 0o777]).toEqual([32, 0o600]);
  });

  it('is refused where the file is broken or the folder cannot be', async () => {
    await writeFile(join(folder, 'muster-session'), 'short');
    await expect(sessionKeyInFolder(folder, randomBytes)).rejects.toMatchObject({ code: 'NotReady' });
    const under = join(folder, 'muster-session', 'deeper');
    await expect(sessionKeyInFolder(under, randomBytes)).rejects.toMatchObject({ code: 'DestinationFailed' });
  });
});
