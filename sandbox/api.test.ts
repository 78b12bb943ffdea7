import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connect } from '../src/kube/connect.ts';
import { discover } from '../src/kube/discovery.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../src/kube/errors.ts';
import { configMaps, namespaces } from '../src/kube/kinds.ts';
import type { Kube } from '../src/kube/kube.ts';
import { watchCache } from '../src/kube/watch-cache.ts';
import { type Sandbox, startSandbox } from './server.ts';

describe('the API server of the sandbox, through Muster’s own client', () => {
  let sandbox: Sandbox;
  let kube: Kube;
  let namespace = '';

  beforeAll(async () => {
    sandbox = await startSandbox({ historySize: 50 });
    kube = await connect({ kubeconfigText: sandbox.kubeconfig, env: {} });
    namespace = (await kube.create(namespaces, { metadata: { generateName: 'case-' } })).metadata.name ?? '';
  });
  afterAll(async () => {
    await kube.close();
    await sandbox.close();
  });

  const make = (name: string, metadata: Record<string, unknown> = {}) =>
    kube.create(configMaps, { metadata: { name, ...metadata } }, { namespace });
  const until = async (isSo: () => Promise<boolean>) => {
    const deadline = AbortSignal.timeout(5000);
    while (!(await isSo())) {
      deadline.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const isGone = (name: string) =>
    kube.get(configMaps, name, { namespace }).then(
      () => false,
      (error) => isNotFound(error) || Promise.reject(error),
    );

  it('creates, reads, patches and removes', async () => {
    const made = await kube.create(configMaps, { metadata: { name: 'one' }, data: { a: '1' } }, { namespace });
    const merged = await kube.patch(configMaps, 'one', 'merge', { data: { b: '2' } }, { namespace });
    expect(merged.data).toEqual({ a: '1', b: '2' });
    const patched = await kube.patch(configMaps, 'one', 'json', [{ op: 'remove', path: '/data/a' }], { namespace });
    expect(patched.data).toEqual({ b: '2' });
    await kube.remove(configMaps, 'one', { namespace, uid: made.metadata.uid });
    expect(await isGone('one')).toBe(true);
  });

  it('refuses with the codes and reasons of the real one', async () => {
    await make('twice');
    await expect(make('twice')).rejects.toSatisfy(isAlreadyExists);
    const stale = { metadata: { resourceVersion: '1' }, data: { a: '1' } };
    await expect(kube.patch(configMaps, 'twice', 'merge', stale, { namespace })).rejects.toSatisfy(isConflict);
    const uid = '00000000-0000-0000-0000-000000000000';
    await expect(kube.remove(configMaps, 'twice', { namespace, uid })).rejects.toSatisfy(isConflict);
    await expect(make('Not A Name')).rejects.toMatchObject({ status: 422 });
    await expect(kube.json('/apis/apps/v1/deployments')).rejects.toMatchObject({ status: 404 });
    await expect(kube.json(`/api/v1/namespaces/${namespace}/configmaps/%zz`)).rejects.toMatchObject({ status: 400 });
    const nowhere = kube.create(configMaps, { metadata: { name: 'x' } }, { namespace: 'no-such-namespace' });
    await expect(nowhere).rejects.toSatisfy(isNotFound);
  });

  it('answers an old revision with 410, as an ERROR event to a watch', async () => {
    for (let i = 0; i < 60; i++) await make(`old-${i}`);
    const old = await kube.stream(`/api/v1/namespaces/${namespace}/configmaps?watch=true&resourceVersion=1001`);
    const text = Buffer.concat(await Array.fromAsync(old.body)).toString();
    expect(JSON.parse(text)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });

  it('keeps a cache of ours fresh', async () => {
    await make('cached', { labels: { of: 'cache' } });
    const cache = watchCache(kube, configMaps, { namespace, labelSelector: 'of=cache' });
    try {
      await cache.synced;
      const signal = AbortSignal.timeout(5000);
      await kube.patch(configMaps, 'cached', 'merge', { metadata: { labels: { of: 'other' } } }, { namespace });
      await cache.waitFor('cached', (object) => object === undefined, signal);
    } finally {
      cache.stop();
    }
  });

  it('waits for finalizers', async () => {
    await make('held', { finalizers: ['muster.test/held'] });
    await kube.remove(configMaps, 'held', { namespace });
    expect((await kube.get(configMaps, 'held', { namespace })).metadata.deletionTimestamp).toBeTruthy();
    await kube.patch(configMaps, 'held', 'merge', { metadata: { finalizers: null } }, { namespace });
    expect(await isGone('held')).toBe(true);
  });

  it.each(['Background', 'Foreground', 'Orphan'] as const)('removes an owner: %s', async (propagationPolicy) => {
    const [owner, owned] = [`${propagationPolicy}-owner`.toLowerCase(), `${propagationPolicy}-owned`.toLowerCase()];
    const { uid = '' } = (await make(owner)).metadata;
    await make(owned, { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid }] });
    await kube.remove(configMaps, owner, { namespace, propagationPolicy });
    await until(() => isGone(owner));
    if (propagationPolicy !== 'Orphan') return until(() => isGone(owned));
    expect((await kube.get(configMaps, owned, { namespace })).metadata.ownerReferences ?? []).toEqual([]);
  });

  it('empties a namespace before it goes', async () => {
    const name = 'emptied';
    await kube.create(namespaces, { metadata: { name } });
    await kube.create(configMaps, { metadata: { name: 'x', finalizers: ['muster.test/x'] } }, { namespace: name });
    await kube.remove(namespaces, name);
    expect((await kube.get(namespaces, name)).status?.phase).toBe('Terminating');
    const late = kube.create(configMaps, { metadata: { name: 'late' } }, { namespace: name });
    await expect(late).rejects.toMatchObject({ status: 403 });
    await until(
      async () => (await kube.get(configMaps, 'x', { namespace: name })).metadata.deletionTimestamp !== undefined,
    );
    await kube.patch(configMaps, 'x', 'merge', { metadata: { finalizers: null } }, { namespace: name });
    await until(() =>
      kube.get(namespaces, name).then(
        () => false,
        (error) => isNotFound(error) || Promise.reject(error),
      ),
    );
  });

  it('tells what it serves', async () => {
    const { resources } = await discover(kube);
    const pod = resources.find(({ plural, group }) => plural === 'pods' && group === '');
    expect(pod).toMatchObject({ version: 'v1', kind: 'Pod', namespaced: true });
  });

  it('lets nobody in without a certificate of its own', async () => {
    const status = await new Promise((resolve, reject) => {
      get(`${sandbox.server}/api`, { rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).once('error', reject);
    });
    expect(status).toBe(401);
  });

  it('leaves nothing when it cannot start: no listener, no process, no folder', async () => {
    // A folder of its own: other tests start sandboxes at the same time.
    const own = await mkdtemp(join(tmpdir(), 'sandbox-'));
    vi.stubEnv('TMPDIR', own);
    try {
      const pods = { images: [], nodes: [{ name: 'Not A Name' }] };
      await expect(startSandbox({ pods })).rejects.toThrow('invalid name');
      expect(readdirSync(own)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      await rm(own, { recursive: true });
    }
    await expect(startSandbox({ port: Number(new URL(sandbox.server).port) })).rejects.toThrow('EADDRINUSE');
  });

  it('listens on loopback only', async () => {
    await expect(startSandbox({ address: '0.0.0.0' })).rejects.toThrow('loopback');
    await expect(startSandbox({ address: '192.0.2.1' })).rejects.toThrow('loopback');
  });
});
