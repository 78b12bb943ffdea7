import { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canI, clusterAdmin } from '../../src/kube/access.ts';
import { discover } from '../../src/kube/discovery.ts';
import { isAlreadyExists, isConflict, isNotFound, KubeError } from '../../src/kube/errors.ts';
import { execInPod, isCommandMissing } from '../../src/kube/exec.ts';
import { type ConfigMap, configMaps, namespaces, type Pod, pods } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { acquireLease } from '../../src/kube/lease.ts';
import { followLogs, readLogs } from '../../src/kube/logs.ts';
import { type CacheEvent, watchCache } from '../../src/kube/watch-cache.ts';
import type { World } from './world.ts';

const minuteMs = 60_000;

/** What Muster expects of every Kubernetes, real or not. The image `tools` has bash and coreutils. */
export function kubeContract(name: string, open: () => Promise<World>): void {
  describe(`${name} keeps the contract of Kube`, () => {
    let world: World;
    let kube: Kube;
    let namespace: string;

    beforeAll(async () => {
      world = await open();
      kube = world.kube;
      const created = await kube.create(namespaces, { metadata: { generateName: 'kube-test-' } });
      namespace = created.metadata.name ?? '';
    });
    afterAll(async () => {
      if (namespace) await kube.remove(namespaces, namespace);
      await world.close();
    });

    const configMap = (mapName: string, data: Record<string, string> = {}): ConfigMap => ({
      metadata: { name: mapName, labels: { of: 'contract' } },
      data,
    });

    const startPod = async (podName: string, script: string): Promise<void> => {
      const pod: Pod = {
        metadata: { name: podName },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'main',
              image: world.image('tools'),
              imagePullPolicy: 'IfNotPresent',
              command: ['/bin/bash', '-c', script],
              args: [],
            },
          ],
        },
      };
      // The controller that makes the namespace's default service account may be a moment late.
      for (let tries = 0; ; tries++) {
        try {
          await kube.create(pods, pod, { namespace });
          return;
        } catch (error) {
          if (tries > 20 || !(error instanceof KubeError) || error.next !== 'wait') throw error;
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
      }
    };

    const until = async (podName: string, phase: string): Promise<void> => {
      const cache = watchCache(kube, pods, { namespace });
      try {
        await cache.waitFor(podName, (pod) => pod?.status?.phase === phase, AbortSignal.timeout(minuteMs));
      } finally {
        cache.stop();
      }
    };

    it('creates, reads, changes and removes', async () => {
      const created = await kube.create(configMaps, configMap('one', { a: '1' }), { namespace });
      expect(created.metadata.uid).toBeTruthy();
      expect((await kube.get(configMaps, 'one', { namespace })).data).toEqual({ a: '1' });
      const merged = await kube.patch(configMaps, 'one', 'merge', { data: { b: '2' } }, { namespace });
      expect(merged.data).toEqual({ a: '1', b: '2' });
      const operations = [{ op: 'remove', path: '/data/a' }];
      expect((await kube.patch(configMaps, 'one', 'json', operations, { namespace })).data).toEqual({ b: '2' });
      const applied = await kube.patch(configMaps, 'one', 'apply', { data: { c: '3' } }, { namespace });
      expect(applied.data).toEqual({ b: '2', c: '3' });
      await kube.remove(configMaps, 'one', { namespace, uid: created.metadata.uid });
      await expect(kube.get(configMaps, 'one', { namespace })).rejects.toSatisfy(isNotFound);
      await kube.remove(configMaps, 'one', { namespace });
    });

    it('writes a status apart from the rest', async () => {
      const name = (await kube.create(namespaces, { metadata: { generateName: 'kube-status-' } })).metadata.name ?? '';
      const condition = { type: 'NamespaceContentRemaining', status: 'True', reason: 'Test', message: 'a test' };
      const change = { spec: { finalizers: ['not.this/one'] }, status: { conditions: [condition] } };
      const changed = await kube.patch(namespaces, name, 'merge', change, { subresource: 'status' });
      expect(changed.status).toMatchObject({ phase: 'Active', conditions: [condition] });
      expect(changed).toMatchObject({ spec: { finalizers: ['kubernetes'] } });
      await kube.remove(namespaces, name);
    });

    it('applies what is not there yet', async () => {
      const applied = await kube.patch(configMaps, 'applied', 'apply', { data: { x: 'y' } }, { namespace });
      expect(applied.data).toEqual({ x: 'y' });
    });

    it('says what is wrong in types', async () => {
      const made = await kube.create(configMaps, configMap('twice'), { namespace });
      await expect(kube.create(configMaps, configMap('twice'), { namespace })).rejects.toSatisfy(isAlreadyExists);
      const stale = { metadata: { resourceVersion: '1' }, data: { a: '1' } };
      await expect(kube.patch(configMaps, 'twice', 'merge', stale, { namespace })).rejects.toSatisfy(isConflict);
      const otherUid = '00000000-0000-0000-0000-000000000000';
      await expect(kube.remove(configMaps, 'twice', { namespace, uid: otherUid })).rejects.toSatisfy(isConflict);
      expect((await kube.get(configMaps, 'twice', { namespace })).metadata.uid).toBe(made.metadata.uid);
      const invalid = { metadata: { name: 'Not A Name' } };
      await expect(kube.create(configMaps, invalid, { namespace })).rejects.toMatchObject({
        status: 422,
        next: 'terminal',
      });
    });

    it('lists in pages, by label and by field', async () => {
      const names = Array.from({ length: 7 }, (_value, index) => `page-${index}`);
      for (const mapName of names) {
        await kube.create(configMaps, { metadata: { name: mapName, labels: { paged: 'yes' } } }, { namespace });
      }
      const found = await Array.fromAsync(
        kube.list(configMaps, { namespace, labelSelector: 'paged=yes', pageSize: 2 }),
      );
      expect(found.map((object) => object.metadata.name)).toEqual(names);
      expect(found[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
      const byField = await Array.fromAsync(
        kube.list(configMaps, { namespace, fieldSelector: 'metadata.name=page-3' }),
      );
      expect(byField.map((object) => object.metadata.name)).toEqual(['page-3']);
      const everywhere = await Array.fromAsync(kube.list(configMaps, { labelSelector: 'paged=yes' }));
      expect(everywhere).toHaveLength(7);
    });

    it('keeps a cache fresh', async () => {
      const events: CacheEvent<ConfigMap>[] = [];
      const labelSelector = 'of=contract';
      await kube.create(configMaps, configMap('cached'), { namespace });
      const cache = watchCache(kube, configMaps, { namespace, labelSelector, onChange: (event) => events.push(event) });
      try {
        await cache.synced;
        expect(cache.get('cached')?.metadata.managedFields).toBeUndefined();
        const signal = AbortSignal.timeout(minuteMs);
        const startedAtMs = Date.now();
        await kube.patch(configMaps, 'cached', 'merge', { data: { now: 'here' } }, { namespace });
        await cache.waitFor('cached', (object) => object?.data?.now === 'here', signal);
        expect(Date.now() - startedAtMs).toBeLessThan(5000);
        await kube.remove(configMaps, 'cached', { namespace });
        await cache.waitFor('cached', (object) => object === undefined, signal);
        const seen = events.filter((event) => event.object.metadata.name === 'cached').map((event) => event.type);
        expect(seen).toEqual(['added', 'changed', 'removed']);
      } finally {
        cache.stop();
      }
    });

    it('follows a log to its end, whatever the length of its lines', async () => {
      const script = 'echo first; head -c 1000000 /dev/zero | tr "\\0" x; echo; sleep 2; printf "no line break"';
      await startPod('talker', script);
      let hasEnded = false;
      const ended = until('talker', 'Succeeded').then(() => {
        hasEnded = true;
      });
      const signal = AbortSignal.timeout(2 * minuteMs);
      const options = { namespace, pod: 'talker', container: 'main', signal };
      const chunks = await Array.fromAsync(followLogs(kube, { ...options, ended: () => hasEnded }));
      await ended;
      const text = Buffer.concat(chunks).toString();
      expect(text.length).toBe('first\n'.length + 1_000_001 + 'no line break'.length + (text.endsWith('\n') ? 1 : 0));
      expect(text.startsWith(`first\n${'x'.repeat(100)}`)).toBe(true);
      expect(text.trimEnd().endsWith('x\nno line break')).toBe(true);
      const again = Buffer.concat(await Array.fromAsync(readLogs(kube, options))).toString();
      expect(again).toBe(text);
    });

    it('runs commands in a container', async () => {
      await startPod('worker', 'sleep 600');
      await until('worker', 'Running');
      const at = { namespace, pod: 'worker', container: 'main', signal: AbortSignal.timeout(2 * minuteMs) };

      const [out, err] = [collector(), collector()];
      const command = ['/bin/bash', '-c', 'echo "$1"; echo complaint >&2; exit 7', 'bash', 'a b  "c" $d &?=%'];
      expect(await execInPod(kube, { ...at, command, stdout: out.sink, stderr: err.sink })).toEqual({ exitCode: 7 });
      expect([out.text(), err.text()]).toEqual(['a b  "c" $d &?=%\n', 'complaint\n']);

      const big = Buffer.alloc(5_000_000, 'muster ');
      const echoed = collector();
      const stdin = Readable.from([big.subarray(0, 1_000_001), big.subarray(1_000_001)]);
      expect(await execInPod(kube, { ...at, command: ['cat'], stdin, stdout: echoed.sink })).toEqual({ exitCode: 0 });
      expect(echoed.bytes().equals(big)).toBe(true);

      // The command has long ended when its output is read: nothing of it may be lost.
      const slow = slowCollector(3000);
      const last = await execInPod(kube, { ...at, command: ['head', '-c', '3000000', '/dev/zero'], stdout: slow.sink });
      // Some of it may still wait in the sink's own buffer.
      await finished(slow.sink.end());
      expect([last.exitCode, slow.sizeBytes()]).toEqual([0, 3_000_000]);

      const missing = execInPod(kube, { ...at, command: ['no-such-program'], stdout: collector().sink });
      await expect(missing).rejects.toSatisfy(isCommandMissing);
      const nowhere = execInPod(kube, { ...at, pod: 'no-such-pod', command: ['true'], stdout: collector().sink });
      await expect(nowhere).rejects.toSatisfy(isNotFound);
    });

    it('lends a lease to one at a time', async () => {
      const signal = AbortSignal.timeout(minuteMs);
      const common = { namespace, name: 'lock', retryMs: 200 };
      const first = await acquireLease(kube, { ...common, identity: 'first' }, signal);
      let hasSecond = false;
      const second = acquireLease(kube, { ...common, identity: 'second' }, signal).then((held) => {
        hasSecond = true;
        return held;
      });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect([hasSecond, first.lost.aborted]).toEqual([false, false]);
      await first.release();
      await (await second).release();
    });

    it('tells what it serves and what is allowed', async () => {
      const { resources } = await discover(kube);
      const pod = resources.find(({ plural, group }) => plural === 'pods' && group === '');
      expect(pod).toMatchObject({ version: 'v1', kind: 'Pod', namespaced: true, preferred: true });
      expect(pod?.verbs).toContain('watch');
      expect(await canI(kube, clusterAdmin)).toBe(true);
    });
  });
}

function collector() {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const bytes = () => Buffer.concat(chunks);
  return { sink, bytes, text: () => bytes().toString() };
}

/** Waits before it takes the first bytes. */
function slowCollector(waitMs: number) {
  let sizeBytes = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      setTimeout(done, sizeBytes === 0 ? waitMs : 0);
      sizeBytes += chunk.length;
    },
  });
  return { sink, sizeBytes: () => sizeBytes };
}
