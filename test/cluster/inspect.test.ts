import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inspect } from '../../src/inspect/inspect.ts';
import type { Inspected } from '../../src/inspect/inspector.ts';
import { connect } from '../../src/kube/connect.ts';
import { KubeError } from '../../src/kube/errors.ts';
import type { Kind, KubeObject } from '../../src/kube/kinds.ts';
import { namespaces, type Pod, pods } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { watchCache } from '../../src/kube/watch-cache.ts';
import { loadImages } from './muster.ts';

type Holder = KubeObject & { data?: Record<string, string> };
const secrets: Kind<Holder> = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true };
const configMaps: Kind<Holder> = { ...secrets, plural: 'configmaps', kind: 'ConfigMap' };
const planted = 'hunter2-planted-in-a-cluster';
/** What YAML readers of other languages could take for something else. */
const awkward = { yes: 'no', octal: '0777', time: '12:30', lines: 'a\n  b\n\n', tab: '\tx', empty: '', null: '~' };

let kube: Kube;
let namespace = '';
let destDir = '';
let inspected: Inspected;

beforeAll(async () => {
  loadImages([]);
  kube = await connect({ env: process.env });
  destDir = await mkdtemp(join(tmpdir(), 'muster-inspect-'));
  const made = await kube.create(namespaces, { metadata: { generateName: 'inspect-test-' } });
  namespace = made.metadata.name ?? '';
  const secret = { metadata: { name: 'planted' }, data: { password: Buffer.from(planted).toString('base64') } };
  await kube.create(secrets, secret, { namespace });
  await kube.create(configMaps, { metadata: { name: 'awkward' }, data: awkward }, { namespace });
  await startPod('steady', 'echo hello; exec sleep 600', 'Never');
  await startPod('crashing', 'echo oh no; sleep 1; exit 3', 'Always');
  const cache = watchCache(kube, pods, { namespace });
  try {
    const patience = AbortSignal.timeout(90_000);
    await cache.waitFor('steady', (pod) => pod?.status?.phase === 'Running', patience);
    await cache.waitFor(
      'crashing',
      (pod) => pod?.status?.containerStatuses?.[0]?.lastState?.terminated !== undefined,
      patience,
    );
  } finally {
    cache.stop();
  }
  inspected = await inspect(kube, {
    targets: [`ns/${namespace}`, 'nodes'],
    destDir,
    rotatedPodLogs: true,
    now: () => new Date(),
    say: () => undefined,
  });
});

afterAll(async () => {
  if (namespace !== '') await kube.remove(namespaces, namespace);
  await kube?.close();
  await rm(destDir, { recursive: true, force: true });
});

async function startPod(name: string, script: string, restartPolicy: 'Always' | 'Never'): Promise<void> {
  const command = ['/bin/bash', '-c', script];
  const container = { name: 'main', image: 'localhost/tools:1', imagePullPolicy: 'IfNotPresent' as const, command };
  const init = { ...container, name: 'init', command: ['/bin/bash', '-c', 'echo first'] };
  const pod: Pod = {
    metadata: { name },
    spec: { restartPolicy, terminationGracePeriodSeconds: 0, initContainers: [init], containers: [container] },
  };
  // The controller that makes the namespace's default service account may be a moment late.
  for (let tries = 0; ; tries++) {
    try {
      await kube.create(pods, pod, { namespace });
      return;
    } catch (error) {
      if (tries > 40 || !(error instanceof KubeError) || error.next !== 'wait') throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

const read = (path: string) => readFile(join(destDir, 'namespaces', namespace, path), 'utf8');

describe('inspecting a namespace of a real cluster', () => {
  it('reads everything', () => {
    expect(inspected.errors).toEqual([]);
    expect(inspected.files).toBeGreaterThan(30);
  });

  it('brings the logs of now and of before the crash, with timestamps, of init containers too', async () => {
    expect(await read('pods/steady/main/main/logs/current.log')).toMatch(/^\d{4}-\d\d-\d\dT\S+ hello\n$/);
    expect(await read('pods/steady/main/main/logs/previous.log')).toBe('');
    expect(await read('pods/steady/init/init/logs/current.log')).toMatch(/ first\n$/);
    expect(await read('pods/crashing/main/main/logs/previous.log')).toMatch(/ oh no\n$/);
  });

  it('writes objects that kubectl reads as they are in the cluster', async () => {
    const { data } = parse(await read('core/configmaps.yaml')).items.find(
      (one: Holder) => one.metadata.name === 'awkward',
    );
    expect(data).toEqual(awkward);
    const file = join(destDir, 'namespaces', namespace, 'core', 'configmaps.yaml');
    const { stdout } = await promisify(execFile)('kubectl', ['create', '--dry-run=client', '-o', 'json', '-f', file]);
    // One JSON document after the other.
    const objects: Holder[] = stdout.split(/^(?=\{)/m).map((text) => JSON.parse(text));
    expect(objects.find(({ metadata }) => metadata.name === 'awkward')?.data).toEqual(awkward);
    const pod = parse(await read('pods/steady/steady.yaml'));
    expect(pod).toMatchObject({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'steady', managedFields: expect.anything() },
    });
  });

  it('has the events, as files and as a page', async () => {
    const events = parse(await read('core/events.yaml'));
    expect(events.items.length).toBeGreaterThan(0);
    expect(await readFile(join(destDir, 'event-filter.html'), 'utf8')).toContain('<td>crashing</td>');
  });

  it('leaves the secret in the cluster', async () => {
    const entries = await readdir(destDir, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile())) {
      const content = await readFile(join(entry.parentPath, entry.name), 'utf8');
      expect(content, entry.name).not.toContain(planted);
      expect(content, entry.name).not.toContain(Buffer.from(planted).toString('base64'));
    }
    const { items } = parse(await read('core/secrets.yaml'));
    expect(items[0].data.password).toBe(Buffer.from(`${planted.length} bytes long`).toString('base64'));
  });
});
