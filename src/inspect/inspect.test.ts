import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  base64,
  discovered,
  type Fixture,
  groupOf,
  lastApplied,
  listOf,
  openFixture,
  planted,
  pod,
  resource,
  shop,
} from './test-api.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

describe('a namespace', () => {
  it('becomes the tree of oc adm inspect', async () => {
    await fixture.serve(shop);
    const { errors, files: count } = await fixture.run(['ns/shop']);
    expect(errors).toEqual([]);
    expect(await fixture.files()).toEqual([
      'aggregated-discovery-api.yaml',
      'aggregated-discovery-apis.yaml',
      'event-filter.html',
      'namespaces/shop/apps/deployments.yaml',
      'namespaces/shop/core/configmaps.yaml',
      'namespaces/shop/core/events.yaml',
      'namespaces/shop/core/pods.yaml',
      'namespaces/shop/core/secrets.yaml',
      'namespaces/shop/pods/waiting/init/init/logs/current.log',
      'namespaces/shop/pods/waiting/init/init/logs/previous.log',
      'namespaces/shop/pods/waiting/main/main/logs/current.log',
      'namespaces/shop/pods/waiting/main/main/logs/previous.log',
      'namespaces/shop/pods/waiting/waiting.yaml',
      'namespaces/shop/pods/web/init/init/logs/current.log',
      'namespaces/shop/pods/web/init/init/logs/previous.log',
      'namespaces/shop/pods/web/main/main/logs/current.log',
      'namespaces/shop/pods/web/main/main/logs/previous.log',
      'namespaces/shop/pods/web/web.yaml',
      'namespaces/shop/shop.yaml',
      'timestamp',
    ]);
    expect(count).toBe((await fixture.files()).length);
    expect(parse(await fixture.read('namespaces/shop/core/pods.yaml'))).toMatchObject({
      apiVersion: 'v1',
      kind: 'PodList',
      items: [{ ...pod('web'), apiVersion: 'v1', kind: 'Pod' }, { metadata: { name: 'waiting' } }],
    });
    expect(await fixture.read('namespaces/shop/pods/web/main/main/logs/previous.log')).toBe(
      '2026-11-21T02:00:00Z hello\n',
    );
    expect(fixture.requests().some((request) => request.includes('/waiting/log'))).toBe(false);
    expect(fixture.said).toContain('not served here: servicemonitors');
    expect(await fixture.read('event-filter.html')).toContain('&#60;b&#62;bad&#60;/b&#62;');
  });

  it('leaves no secret anywhere, and says how long each was', async () => {
    await fixture.serve({
      ...shop,
      '/apis/route.openshift.io/v1/namespaces/shop/routes/r': {
        metadata: { name: 'r', namespace: 'shop', annotations: lastApplied },
        spec: { host: 'h', tls: { key: planted, certificate: 'C' } },
      },
      '/apis/config.openshift.io/v1/proxies/cluster': {
        metadata: { name: 'cluster', annotations: lastApplied },
        spec: { httpProxy: `http://me:${planted}@${planted}@proxy:3128`, noProxy: '.local' },
        status: { httpsProxy: `me:${planted}@proxy` },
      },
    });
    const { errors } = await fixture.run(['ns/shop', 'routes/r', 'proxy/cluster'], { namespace: 'shop' });
    expect(errors).toEqual([]);
    for (const file of await fixture.files()) {
      expect(await fixture.read(file), file).not.toContain(planted);
      expect(await fixture.read(file), file).not.toContain(base64(planted));
    }
    const { items } = parse(await fixture.read('namespaces/shop/core/secrets.yaml'));
    expect(items[0].data).toEqual({ password: base64(`${planted.length} bytes long`), 'tls.crt': base64('PUBLIC') });
    const proxy = parse(await fixture.read('cluster-scoped-resources/config.openshift.io/proxies/cluster.yaml'));
    expect(proxy.spec).toEqual({ httpProxy: 'http://me:****@proxy:3128', noProxy: '.local' });
  });

  it('adds two lines of time for each run', async () => {
    await fixture.serve(shop);
    await fixture.run(['ns/shop']);
    await fixture.run(['ns/shop']);
    const lines = (await fixture.read('timestamp')).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe('2026-11-21 03:00:00 +0000 UTC m=+0.000000000');
  });

  it('asks for logs since then', async () => {
    await fixture.serve(shop);
    await fixture.run(['ns/shop'], { since: { durationMs: 90_500 } });
    const logs = fixture.requests().filter((request) => request.includes('/log?'));
    expect(logs.length).toBeGreaterThan(0);
    for (const request of logs) expect(request).toMatch(/timestamps=true.*sinceSeconds=91/);
  });

  it('is asked for in pages that fit into memory', async () => {
    await fixture.serve(shop);
    await fixture.run(['ns/shop', 'configmaps'], { namespace: 'shop' });
    const limits = (plural: string) => fixture.requests().flatMap((line) => line.split(`/${plural}?limit=`)[1] ?? []);
    expect([limits('secrets'), limits('configmaps'), limits('events')]).toEqual([['50'], ['50', '50'], ['500']]);
  });

  it('brings rotated logs that are young enough, and nothing out of their folder', async () => {
    const listing = '/api/v1/nodes/node-1/proxy/logs/pods/shop_web_uid-web/main/';
    // The one of 01:00 is gone, or called `.gz`, by the time it is asked for: the kubelet goes on rotating.
    const stamps = ['20261120-000000.gz', '20261121-010000', '20261121-020000'];
    const names = ['0.log', ...stamps.map((stamp) => `0.log.${stamp}`), '../../x.log.20261121-020000'];
    await fixture.serve({
      ...shop,
      [listing]: { text: names.map((name) => `<a href="${name}">${name}</a>\n`).join('') },
      [`${listing}0.log.20261121-020000`]: { text: 'old\n' },
    });
    const { errors } = await fixture.run(['ns/shop'], { rotatedPodLogs: true, sinceTime: '2026-11-21T00:00:00Z' });
    expect(errors).toEqual([]);
    const rotated = (await fixture.files()).filter((file) => file.includes('rotated'));
    expect(rotated).toEqual(['namespaces/shop/pods/web/main/main/logs/rotated/0.log.20261121-020000']);
    expect(await fixture.read(rotated[0] ?? '')).toBe('old\n');
  });
});

it('asks the kubelet for no other folder than the pod’s, whatever its annotations say', async () => {
  const digest = '0123456789abcdef0123456789abcdef';
  const annotated = (name: string, hash: string) => {
    const { metadata, ...rest } = pod(name);
    return { metadata: { ...metadata, annotations: { 'kubernetes.io/config.hash': hash } }, ...rest };
  };
  const pods = listOf(annotated('static', digest), annotated('sly', '../kube-system_etcd_0'));
  await fixture.serve({ ...shop, '/api/v1/namespaces/shop/pods': pods });
  await fixture.run(['ns/shop'], { rotatedPodLogs: true });
  const asked = fixture.requests().filter((request) => request.includes('/proxy/logs/') && request.endsWith('/main/'));
  expect([...asked].sort()).toEqual([
    'GET /api/v1/nodes/node-1/proxy/logs/pods/shop_sly_uid-sly/main/',
    `GET /api/v1/nodes/node-1/proxy/logs/pods/shop_static_${digest}/main/`,
  ]);
});

describe('what hangs together', () => {
  const operator = (name: string, ...relatedObjects: object[]) => ({ metadata: { name }, status: { relatedObjects } });
  const related = (group: string, kind: string, name: string, namespace?: string) => ({
    group,
    resource: kind,
    name,
    namespace,
  });

  it('is followed without going in circles', async () => {
    const one = operator(
      'one',
      related('config.openshift.io', 'clusteroperators', 'two'),
      related('', 'namespaces', 'shop'),
      related('', 'secrets', 'missing', 'shop'),
      related('nowhere.io', 'things', 'x'),
    );
    const two = operator('two', related('config.openshift.io', 'clusteroperators', 'one'));
    const root = '/apis/config.openshift.io/v1';
    await fixture.serve({
      ...shop,
      [`${root}/clusteroperators/one`]: one,
      [`${root}/clusteroperators/two`]: two,
      [`${root}/clusteroperators`]: listOf(one, two),
      [`${root}/proxies`]: listOf(),
    });
    expect((await fixture.run(['clusteroperator/one'])).errors).toEqual([]);
    const found = await fixture.files();
    for (const file of [
      'clusteroperators.yaml',
      'proxies.yaml',
      'clusteroperators/one.yaml',
      'clusteroperators/two.yaml',
    ]) {
      expect(found).toContain(`cluster-scoped-resources/config.openshift.io/${file}`);
    }
    expect(found).toContain('namespaces/shop/shop.yaml');
    expect(fixture.requests().filter((request) => request.endsWith('/clusteroperators/one'))).toHaveLength(1);
    expect(fixture.said).toContain('not there: secrets/missing in namespace shop');
    expect(fixture.said).toContain('not served here: things.nowhere.io');
  });

  it('is followed past what cannot be, and listed once however often it is named', async () => {
    const all = related('config.openshift.io', 'proxies', '');
    const root = '/apis/config.openshift.io/v1';
    const operators = ['one', 'two', 'three'].map((name) =>
      operator(name, related('', 'namespaces', '../../up'), all, related('', 'namespaces', 'shop')),
    );
    await fixture.serve({
      ...shop,
      [`${root}/clusteroperators`]: listOf(...operators),
      [`${root}/proxies`]: listOf({ metadata: { name: 'cluster' } }),
    });
    const { errors } = await fixture.run(['clusteroperators']);
    expect(new Set(errors)).toEqual(new Set(['"../../up" cannot be the name of a file']));
    expect(await fixture.files()).toContain('namespaces/shop/shop.yaml');
    expect(await fixture.files()).toContain('cluster-scoped-resources/config.openshift.io/proxies/cluster.yaml');
    // As one file for the context of operators, and object by object.
    expect(fixture.requests().filter((request) => request.includes('/proxies'))).toHaveLength(2);
  });

  it('leads from a CRD to the namespace of what converts its objects', async () => {
    const root = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const webhook = { clientConfig: { service: { namespace: 'shop', name: 's' } } };
    const kind = resource('customresourcedefinitions', 'CustomResourceDefinition', false);
    const crd = (name: string, conversion: object) => ({
      [`${root}/${name}`]: { metadata: { name }, spec: { conversion } },
    });
    await fixture.serve({
      ...shop,
      '/apis': discovered(groupOf('apiextensions.k8s.io', 'v1', kind)),
      ...crd('things.example.com', { strategy: 'Webhook', webhook }),
      ...crd('plain.example.com', { strategy: 'None' }),
    });
    expect((await fixture.run(['customresourcedefinitions/plain.example.com'])).errors).toEqual([]);
    expect(await fixture.files()).not.toContain('namespaces/shop/shop.yaml');
    expect((await fixture.run(['customresourcedefinitions/things.example.com'])).errors).toEqual([]);
    expect(await fixture.files()).toContain('namespaces/shop/shop.yaml');
  });

  it('leads from a webhook to the namespace of its service', async () => {
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const name = `gate:${'x'.repeat(248)}`;
    await fixture.serve({
      ...shop,
      [path]: listOf({
        metadata: { name },
        webhooks: [{ clientConfig: { service: { namespace: 'shop', name: 's' } } }],
      }),
    });
    expect((await fixture.run(['validatingwebhookconfigurations'])).errors).toEqual([]);
    const found = await fixture.files();
    expect(found).toContain('namespaces/shop/shop.yaml');
    const folder = 'cluster-scoped-resources/admissionregistration.k8s.io/validatingwebhookconfigurations/';
    expect(found.filter((file) => file.startsWith(`${folder}gate:xxx`))).toHaveLength(1);
  });
});

it('makes the page of one file without asking the cluster', async () => {
  await fixture.serve({});
  await mkdir(join(fixture.destDir, 'in'));
  const eventsFile = join(fixture.destDir, 'in', 'my-events.yaml');
  await writeFile(eventsFile, 'kind: List\nitems:\n- kind: Event\n  reason: Killing\n  metadata: {}\n');
  expect((await fixture.run([], { eventsFile })).errors).toEqual([]);
  expect(await fixture.read('event-filter.html')).toContain('class="danger">Killing<');
  expect(fixture.requests()).toEqual([]);
  expect((await fixture.run([], { eventsFile: join(fixture.destDir, 'no') })).errors).toHaveLength(1);
});
