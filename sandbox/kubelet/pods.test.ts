import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/kube/connect.ts';
import { isNotFound } from '../../src/kube/errors.ts';
import { type Kind, type KubeObject, namespaces, type Pod, pods } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { watchCache } from '../../src/kube/watch-cache.ts';
import { type Sandbox, startSandbox } from '../server.ts';
import { hasNamespaces } from './choose-isolation.ts';
import type { Image } from './images.ts';
import { imageOf } from './images.ts';
import type { SandboxPod } from './pod-shape.ts';

type Any = KubeObject & Record<string, unknown>;
const core = (plural: string, kind: string): Kind<Any> => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});
const [configMaps, secrets] = [core('configmaps', 'ConfigMap'), core('secrets', 'Secret')];
const [claims, services, events] = [
  core('persistentvolumeclaims', 'PersistentVolumeClaim'),
  core('services', 'Service'),
  core('events', 'Event'),
];

// Where the machine allows no namespaces, the other way is all there is.
const ways = (await hasNamespaces()) ? (['namespaces', 'rewriting'] as const) : (['rewriting'] as const);

describe.each(ways)('pods of the sandbox (%s)', (isolation) => {
  let sandbox: Sandbox;
  let kube: Kube;
  let namespace = '';
  const images: Image[] = [];

  beforeAll(async () => {
    images.push(
      await imageOf({ names: ['localhost/tools:1'], cmd: ['sleep', '600'], env: { FROM: 'image' } }, '/nonexistent'),
    );
    sandbox = await startSandbox({ pods: { images, isolation, backoffMs: 200 } });
    kube = await connect({ kubeconfigText: sandbox.kubeconfig, env: {} });
    namespace = (await kube.create(namespaces, { metadata: { generateName: 'pods-' } })).metadata.name ?? '';
  });
  afterAll(async () => {
    await kube.close();
    await sandbox.close();
  });

  type Spec = Partial<SandboxPod['spec']>;
  const run = (name: string, script: string, spec: Spec = {}, container: object = {}) => {
    const main = { name: 'main', image: 'localhost/tools:1', command: ['bash', '-c', script], ...container };
    const whole = { restartPolicy: 'Never', terminationGracePeriodSeconds: 5, containers: [main], ...spec };
    return kube.create(pods, { metadata: { name }, spec: whole } as Pod, { namespace });
  };
  const until = async (name: string, isSo: (pod: Pod | undefined) => boolean): Promise<Pod | undefined> => {
    const cache = watchCache(kube, pods, { namespace, fieldSelector: `metadata.name=${name}` });
    try {
      await cache.synced;
      return await cache.waitFor(name, isSo, AbortSignal.timeout(15_000));
    } finally {
      cache.stop();
    }
  };
  const ended = (name: string) => until(name, (pod) => ['Succeeded', 'Failed'].includes(pod?.status?.phase ?? ''));
  const running = (name: string) =>
    until(name, (pod) => pod?.status?.containerStatuses?.[0]?.state?.running !== undefined);
  const state = (pod: Pod | undefined) => pod?.status?.containerStatuses?.[0]?.state;
  const log = async (name: string, query = '') => {
    const { body } = await kube.stream(`/api/v1/namespaces/${namespace}/pods/${name}/log?${query}`);
    return Buffer.concat(await Array.fromAsync(body)).toString();
  };

  it('ends as its command does: code, times, last word, log', async () => {
    await run('fails', 'echo out; echo err >&2; printf "the reason" >/dev/termination-log; exit 3');
    const pod = await ended('fails');
    expect(pod?.status?.phase).toBe('Failed');
    expect(state(pod)?.terminated).toMatchObject({ exitCode: 3, reason: 'Error', message: 'the reason' });
    expect((await log('fails')).split('\n').sort()).toEqual(['', 'err', 'out']);
    await run('works', 'true');
    expect((await ended('works'))?.status?.phase).toBe('Succeeded');
  });

  it('says the end of the log where the container left no word', async () => {
    await run('mute', 'echo what went wrong; exit 1', {}, { terminationMessagePolicy: 'FallbackToLogsOnError' });
    expect(state(await ended('mute'))?.terminated?.message).toBe('what went wrong\n');
  });

  it('a command that is not there never starts', async () => {
    await run('typo', '', {}, { command: ['no-such-program'] });
    expect(state(await ended('typo'))?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
  });

  it('sees its volumes, its variables, and what the image brings', async () => {
    await kube.create(
      configMaps,
      { metadata: { name: 'settings' }, data: { colour: 'blue', 'a.txt': 'A' } },
      { namespace },
    );
    await kube.create(secrets, { metadata: { name: 'keys' }, stringData: { key: 'k3y' } } as Any, { namespace });
    const volumes = [
      { name: 'empty', emptyDir: {} },
      { name: 'map', configMap: { name: 'settings' } },
      { name: 'keys', secret: { secretName: 'keys', items: [{ key: 'key', path: 'sub/key' }] } },
    ];
    const volumeMounts = [
      { name: 'empty', mountPath: '/data' },
      { name: 'map', mountPath: '/etc/settings', readOnly: true },
      { name: 'keys', mountPath: '/var/run/keys' },
    ];
    const env = [
      { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } },
      { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'BOTH', value: '$(NAME)-$(COLOUR) $$(NAME) $(UNKNOWN)' },
      { name: 'DATA', value: '/data' },
    ];
    const script =
      'echo x >/data/x; cat /etc/settings/a.txt /var/run/keys/sub/key; echo; echo "$BOTH"; cat "$DATA/x"; echo $FROM';
    const initContainers = [
      { name: 'before', image: 'localhost/tools:1', command: ['bash', '-c', 'echo first >/data/x'], volumeMounts },
    ];
    await run(
      'sees',
      script,
      { volumes, initContainers },
      { volumeMounts, env, envFrom: [{ prefix: 'KEY_', secretRef: { name: 'keys' } }] },
    );
    expect((await ended('sees'))?.status?.phase).toBe('Succeeded');
    expect(await log('sees')).toBe('Ak3y\nsees-blue $(NAME) $(UNKNOWN)\nx\nimage\n');
  });

  it('waits for what is missing', async () => {
    await run(
      'waits',
      'echo "$LATE"',
      {},
      { env: [{ name: 'LATE', valueFrom: { configMapKeyRef: { name: 'late', key: 'l' } } }] },
    );
    await until('waits', (pod) => state(pod)?.waiting?.reason === 'CreateContainerConfigError');
    await kube.create(configMaps, { metadata: { name: 'late' }, data: { l: 'at last' } }, { namespace });
    await ended('waits');
    expect(await log('waits')).toBe('at last\n');
  });

  it('an init container that fails is the end, or is tried again', async () => {
    const failing = (script: string) => [
      {
        name: 'init',
        image: 'localhost/tools:1',
        command: ['bash', '-c', script],
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
      },
    ];
    const volumes = [{ name: 'v', emptyDir: {} }];
    await run('no-init', 'true', { initContainers: failing('exit 9'), volumes });
    const pod = await ended('no-init');
    expect(pod?.status?.phase).toBe('Failed');
    expect(pod?.status?.initContainerStatuses?.[0]?.state?.terminated?.exitCode).toBe(9);
    const secondTime = 'test -e /v/x || { touch /v/x; exit 1; }';
    await run('again', 'true', { initContainers: failing(secondTime), volumes, restartPolicy: 'OnFailure' });
    expect((await ended('again'))?.status?.initContainerStatuses?.[0]?.restartCount).toBe(1);
  });

  it('starts a container again that ends, later and later, and keeps the log before', async () => {
    await run('loops', 'echo "run at $SECONDS"; exit 1', { restartPolicy: 'Always' });
    const pod = await until('loops', (each) => (each?.status?.containerStatuses?.[0]?.restartCount ?? 0) >= 2);
    expect(pod?.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(1);
    await until('loops', (each) => state(each)?.waiting?.reason === 'CrashLoopBackOff');
    expect(await log('loops', 'previous=true')).toBe('run at 0\n');
    expect(await log('loops')).toBe('run at 0\n');
    const said = await Array.fromAsync(kube.list(events, { namespace, fieldSelector: 'reason=BackOff' }));
    expect(
      Number(said.find(({ involvedObject }) => (involvedObject as KubeObject['metadata']).name === 'loops')?.count),
    ).toBeGreaterThan(1);
    await kube.remove(pods, 'loops', { namespace });
  });

  it('ends at its deadline', async () => {
    await run('late', 'sleep 600', { activeDeadlineSeconds: 1 });
    const pod = await ended('late');
    expect(pod?.status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
    expect(state(pod)?.terminated?.exitCode).toBe(137);
  });

  it('is evicted when it outgrows its volume', async () => {
    const volumes = [{ name: 'small', emptyDir: { sizeLimit: '1Mi' } }];
    await run(
      'grows',
      'head -c 3000000 /dev/zero >/data/big; sleep 600',
      { volumes },
      { volumeMounts: [{ name: 'small', mountPath: '/data' }] },
    );
    expect((await ended('grows'))?.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
  });

  it('cannot run an image that is not there, until it is', async () => {
    await run('pulls', 'echo pulled', {}, { image: 'localhost/late:1' });
    await until('pulls', (pod) => state(pod)?.waiting?.reason === 'ErrImagePull');
    await until('pulls', (pod) => state(pod)?.waiting?.reason === 'ImagePullBackOff');
    images.push(await imageOf({ names: ['localhost/late:1'] }, '/nonexistent'));
    const pod = await ended('pulls');
    expect(pod?.status?.containerStatuses?.[0]?.imageID).toMatch(/^localhost\/late@sha256:[0-9a-f]{64}$/);
    for (const [name, image, reason] of [
      ['no-name', 'Localhost/NO', 'InvalidImageName'],
      ['never', 'localhost/never', 'ErrImageNeverPull'],
    ]) {
      await run(name ?? '', '', {}, { image, imagePullPolicy: 'Never' });
      await until(name ?? '', (each) => state(each)?.waiting?.reason === reason);
      await kube.remove(pods, name ?? '', { namespace });
    }
  });

  it('is told to go, and has its grace', async () => {
    await run('polite', 'trap "echo going; exit 0" TERM; echo up; while :; do sleep 0.1; done');
    await running('polite');
    await expect.poll(() => log('polite')).toBe('up\n');
    await kube.remove(pods, 'polite', { namespace });
    expect((await kube.get(pods, 'polite', { namespace })).metadata.deletionTimestamp).toBeTruthy();
    await until('polite', (pod) => pod === undefined);
    await run('deaf', 'trap "" TERM; while :; do sleep 0.1; done', { terminationGracePeriodSeconds: 1 });
    await running('deaf');
    await kube.remove(pods, 'deaf', { namespace });
    await until('deaf', (pod) => pod === undefined);
  });

  it('gives its log from a time, its last lines, with times, up to a size', async () => {
    await run('talks', 'echo one; echo two; sleep 1.1; echo three; echo four');
    await ended('talks');
    expect(await log('talks', 'tailLines=2')).toBe('three\nfour\n');
    expect(await log('talks', 'limitBytes=5')).toBe('one\nt');
    const stamped = (await log('talks', 'timestamps=true')).trim().split('\n');
    expect(stamped).toHaveLength(4);
    const [third = ''] = stamped[2]?.split(' ') ?? [];
    expect(third).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    expect(await log('talks', `sinceTime=${third}`)).toBe('three\nfour\n');
    expect(await log('talks', 'sinceSeconds=3600')).toBe('one\ntwo\nthree\nfour\n');
    await expect(log('talks', 'container=other')).rejects.toMatchObject({ status: 400 });
    await expect(log('nobody')).rejects.toSatisfy(isNotFound);
  });

  it('waits for a node that takes it', async () => {
    await run('homeless', 'true', { nodeSelector: { here: 'yes' } });
    const pod = await until(
      'homeless',
      (each) => each?.status?.conditions?.some(({ reason }) => reason === 'Unschedulable') ?? false,
    );
    expect(pod?.status?.phase).toBe('Pending');
    await kube.remove(pods, 'homeless', { namespace });
    await until('homeless', (each) => each === undefined);
  });

  it('keeps the files of a claim from pod to pod', async () => {
    await kube.create(
      claims,
      { metadata: { name: 'disk' }, spec: { resources: { requests: { storage: '1Gi' } } } } as Any,
      { namespace },
    );
    const volumes = [{ name: 'disk', persistentVolumeClaim: { claimName: 'disk' } }];
    const volumeMounts = [{ name: 'disk', mountPath: '/disk' }];
    await run('writes', 'echo kept >/disk/file', { volumes }, { volumeMounts });
    await ended('writes');
    await kube.remove(pods, 'writes', { namespace });
    await run('reads', 'cat /disk/file', { volumes }, { volumeMounts });
    await ended('reads');
    expect(await log('reads')).toBe('kept\n');
    expect((await kube.get(claims, 'disk', { namespace })).status).toMatchObject({ phase: 'Bound' });
  });

  it('finds a service by its variables', async () => {
    const answering = createServer((socket) => socket.end('hello from behind\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => answering.once('listening', resolve));
    const bound = answering.address();
    const targetPort = bound !== null && typeof bound === 'object' ? bound.port : 0;
    await kube.create(services, { metadata: { name: 'my-db' }, spec: { ports: [{ port: 443, targetPort }] } } as Any, {
      namespace,
    });
    await expect.poll(async () => (await kube.get(services, 'my-db', { namespace })).spec).toHaveProperty('clusterIP');
    const byName =
      isolation === 'namespaces' ? `; exec 3<>/dev/tcp/my-db.${namespace}.svc/$MY_DB_SERVICE_PORT; cat <&3` : '';
    await run('calls', `exec 3<>/dev/tcp/$MY_DB_SERVICE_HOST/$MY_DB_SERVICE_PORT; cat <&3${byName}`);
    await ended('calls');
    expect(await log('calls')).toBe('hello from behind\n'.repeat(isolation === 'namespaces' ? 2 : 1));
    answering.close();
  });
});
