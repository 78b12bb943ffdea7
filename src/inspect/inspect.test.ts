import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sendJson, startServer, type TestServer } from '../kube/test-server.ts';
import { defaultInspection, fallbackInspection } from './default-inspection.ts';
import { type InspectOptions, inspect } from './inspect.ts';

const planted = 'hunter2-planted';
const manyPods = 3;

type Scripted = { readonly [path: string]: unknown };
type Text = { readonly status?: number; readonly text: string };

const resource = (plural: string, kind: string, namespaced = true, more: object = {}) => ({
  resource: plural,
  responseKind: { kind },
  scope: namespaced ? 'Namespaced' : 'Cluster',
  singularResource: kind.toLowerCase(),
  verbs: ['get', 'list'],
  ...more,
});
const groupOf = (name: string, version: string, ...resources: object[]) => ({
  metadata: { name },
  versions: [{ version, resources }],
});
const discovered = (...items: object[]) => ({ kind: 'APIGroupDiscoveryList', items });

const api = discovered(
  groupOf(
    '',
    'v1',
    resource('namespaces', 'Namespace', false, { shortNames: ['ns'] }),
    resource('nodes', 'Node', false),
    resource('pods', 'Pod', true, { categories: ['all'] }),
    resource('secrets', 'Secret'),
    resource('configmaps', 'ConfigMap'),
    resource('events', 'Event'),
  ),
);
const apis = discovered(
  groupOf('apps', 'v1', resource('deployments', 'Deployment', true, { categories: ['all'] })),
  groupOf(
    'config.openshift.io',
    'v1',
    resource('clusteroperators', 'ClusterOperator', false),
    resource('proxies', 'Proxy', false),
  ),
  groupOf('route.openshift.io', 'v1', resource('routes', 'Route')),
  groupOf(
    'admissionregistration.k8s.io',
    'v1',
    resource('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', false),
  ),
);

const base64 = (text: string) => Buffer.from(text).toString('base64');
const pod = (name: string, status: object = {}) => ({
  metadata: { name, namespace: 'shop', uid: `uid-${name}` },
  spec: {
    nodeName: 'node-1',
    initContainers: [{ name: 'init', image: 'i' }],
    containers: [{ name: 'main', image: 'i' }],
  },
  status: {
    initContainerStatuses: [{ name: 'init', state: { terminated: { exitCode: 0 } } }],
    containerStatuses: [
      { name: 'main', restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 1 } } },
    ],
    ...status,
  },
});
const listOf = (...items: object[]) => ({ items, metadata: {} });
const lastApplied = { 'kubectl.kubernetes.io/last-applied-configuration': planted };

const shop: Scripted = {
  '/api': api,
  '/apis': apis,
  '/api/v1/namespaces/shop': { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  '/api/v1/namespaces/shop/pods': listOf(
    pod('web'),
    pod('waiting', { initContainerStatuses: [], containerStatuses: [{ name: 'main', state: { waiting: {} } }] }),
  ),
  '/api/v1/namespaces/shop/secrets': listOf({
    metadata: {
      name: 's',
      namespace: 'shop',
      annotations: { ...lastApplied, 'openshift.io/token-secret.value': planted },
    },
    data: { password: base64(planted), 'tls.crt': base64('PUBLIC') },
  }),
  '/api/v1/namespaces/shop/configmaps': listOf(),
  '/api/v1/namespaces/shop/events': listOf({
    metadata: { name: 'e', namespace: 'shop' },
    involvedObject: { name: 'web' },
    reason: 'BackOff',
    message: '<b>bad</b>',
    lastTimestamp: '2026-11-21T02:00:00Z',
    count: manyPods,
  }),
  '/apis/apps/v1/namespaces/shop/deployments': listOf(),
  '/api/v1/namespaces/shop/pods/web/log': { text: '2026-11-21T02:00:00Z hello\n' },
};

let server: TestServer;
let destDir: string;
let said: string[];

beforeEach(async () => {
  destDir = await mkdtemp(join(tmpdir(), 'muster-inspect-'));
  said = [];
});
afterEach(async () => {
  await server?.close();
  await rm(destDir, { recursive: true });
});

async function serve(scripted: Scripted): Promise<void> {
  server = await startServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    const answer = scripted[path];
    if (answer === undefined)
      return sendJson(response, { kind: 'Status', message: `${path} not found`, reason: 'NotFound' }, 404);
    if (!isText(answer)) return sendJson(response, answer);
    response.writeHead(answer.status ?? 200, { 'content-type': 'text/plain' }).end(answer.text);
  });
}

function isText(answer: unknown): answer is Text {
  return typeof answer === 'object' && answer !== null && 'text' in answer;
}

async function run(targets: string[], more: Partial<InspectOptions> = {}) {
  return inspect(server.kube(), options(targets, more));
}

function options(targets: string[], more: Partial<InspectOptions> = {}): InspectOptions {
  return { targets, destDir, now: () => new Date('2026-11-21T03:00:00Z'), say: (line) => said.push(line), ...more };
}

async function files(): Promise<string[]> {
  const entries = await readdir(destDir, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(destDir, join(entry.parentPath, entry.name)));
  return found.sort();
}

const read = (path: string) => readFile(join(destDir, path), 'utf8');

describe('a namespace', () => {
  it('becomes the tree of oc adm inspect', async () => {
    await serve(shop);
    const { errors, files: count } = await run(['ns/shop']);
    expect(errors).toEqual([]);
    expect(await files()).toEqual([
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
    expect(count).toBe((await files()).length);
    expect(parse(await read('namespaces/shop/core/pods.yaml'))).toMatchObject({
      apiVersion: 'v1',
      kind: 'PodList',
      items: [{ ...pod('web'), apiVersion: 'v1', kind: 'Pod' }, { metadata: { name: 'waiting' } }],
    });
    expect(await read('namespaces/shop/pods/web/main/main/logs/previous.log')).toBe('2026-11-21T02:00:00Z hello\n');
    expect(server.requests.some((request) => request.includes('/waiting/log'))).toBe(false);
    expect(said).toContain('not served here: servicemonitors');
    expect(await read('event-filter.html')).toContain('&#60;b&#62;bad&#60;/b&#62;');
  });

  it('leaves no secret anywhere, and says how long each was', async () => {
    await serve({
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
    const { errors } = await run(['ns/shop', 'routes/r', 'proxy/cluster'], { namespace: 'shop' });
    expect(errors).toEqual([]);
    for (const file of await files()) {
      expect(await read(file), file).not.toContain(planted);
      expect(await read(file), file).not.toContain(base64(planted));
    }
    const { items } = parse(await read('namespaces/shop/core/secrets.yaml'));
    expect(items[0].data).toEqual({ password: base64(`${planted.length} bytes long`), 'tls.crt': base64('PUBLIC') });
    const proxy = parse(await read('cluster-scoped-resources/config.openshift.io/proxies/cluster.yaml'));
    expect(proxy.spec).toEqual({ httpProxy: 'http://me:****@proxy:3128', noProxy: '.local' });
  });

  it('adds two lines of time for each run', async () => {
    await serve(shop);
    await run(['ns/shop']);
    await run(['ns/shop']);
    const lines = (await read('timestamp')).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe('2026-11-21 03:00:00 +0000 UTC m=+0.000000000');
  });

  it('asks for logs since then', async () => {
    await serve(shop);
    await run(['ns/shop'], { since: { durationMs: 90_500 } });
    const logs = server.requests.filter((request) => request.includes('/log?'));
    expect(logs.length).toBeGreaterThan(0);
    for (const request of logs) expect(request).toMatch(/timestamps=true.*sinceSeconds=91/);
  });

  it('brings rotated logs that are young enough, and nothing out of their folder', async () => {
    const listing = '/api/v1/nodes/node-1/proxy/logs/pods/shop_web_uid-web/main/';
    const names = ['0.log', '0.log.20261120-000000.gz', '0.log.20261121-020000', '../../x.log.20261121-020000'];
    await serve({
      ...shop,
      [listing]: { text: names.map((name) => `<a href="${name}">${name}</a>\n`).join('') },
      [`${listing}0.log.20261121-020000`]: { text: 'old\n' },
    });
    const { errors } = await run(['ns/shop'], { rotatedPodLogs: true, sinceTime: '2026-11-21T00:00:00Z' });
    expect(errors).toEqual([]);
    const rotated = (await files()).filter((file) => file.includes('rotated'));
    expect(rotated).toEqual(['namespaces/shop/pods/web/main/main/logs/rotated/0.log.20261121-020000']);
    expect(await read(rotated[0] ?? '')).toBe('old\n');
  });
});

describe('what goes wrong', () => {
  it('is told, and the rest is written', async () => {
    await serve({
      ...shop,
      '/api/v1/namespaces/shop/secrets': { status: 403, text: 'secrets is forbidden' },
      '/api/v1/namespaces/shop/pods/web/log': { status: 400, text: 'the kubelet is cross' },
    });
    const { errors } = await run(['ns/shop', 'ns/gone', 'unheard/of', 'nodes/..']);
    const all = errors.join('\n');
    for (const part of ['secrets is forbidden', 'the kubelet is cross', 'gone', '"unheard"', '".."']) {
      expect(all).toContain(part);
    }
    expect(await files()).toContain('namespaces/shop/core/events.yaml');
    expect(await files()).not.toContain('namespaces/shop/core/secrets.yaml');
  });

  it('is silent about containers that never ran before', async () => {
    const text = 'previous terminated container "main" in pod "web" not found';
    await serve({ ...shop, '/api/v1/namespaces/shop/pods/web/log': { status: 400, text } });
    expect((await run(['ns/shop'])).errors).toEqual([]);
    expect(await read('namespaces/shop/pods/web/main/main/logs/previous.log')).toBe('');
  });

  it('tries once more when the certificate of the kubelet is bad', async () => {
    server = await startServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      if (!url.pathname.endsWith('/log'))
        return sendJson(response, shop[url.pathname] ?? {}, url.pathname in shop ? 200 : 404);
      const isInsecure = url.searchParams.has('insecureSkipTLSVerifyBackend');
      response.writeHead(isInsecure ? 200 : 501).end(isInsecure ? 'yes\n' : 'tls: failed to verify certificate: x509');
    });
    expect((await run(['ns/shop'])).errors).toEqual([]);
    expect(await read('namespaces/shop/pods/web/main/main/logs/current.insecure.log')).toBe('yes\n');
  });

  it('ends early when told, and keeps what it has', async () => {
    const stop = new AbortController();
    server = await startServer((request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      if (path.endsWith('/log')) stop.abort(new Error('enough'));
      else sendJson(response, shop[path] ?? {}, path in shop ? 200 : 404);
    });
    const { errors } = await run(['ns/shop'], { signal: stop.signal });
    expect(errors.join()).toContain('stopped early (enough)');
    expect(await files()).toContain('event-filter.html');
  });
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
    await serve({
      ...shop,
      [`${root}/clusteroperators/one`]: one,
      [`${root}/clusteroperators/two`]: two,
      [`${root}/clusteroperators`]: listOf(one, two),
      [`${root}/proxies`]: listOf(),
    });
    expect((await run(['clusteroperator/one'])).errors).toEqual([]);
    const found = await files();
    for (const file of [
      'clusteroperators.yaml',
      'proxies.yaml',
      'clusteroperators/one.yaml',
      'clusteroperators/two.yaml',
    ]) {
      expect(found).toContain(`cluster-scoped-resources/config.openshift.io/${file}`);
    }
    expect(found).toContain('namespaces/shop/shop.yaml');
    expect(server.requests.filter((request) => request.endsWith('/clusteroperators/one'))).toHaveLength(1);
    expect(said).toContain('not there: secrets/missing in namespace shop');
    expect(said).toContain('not served here: things.nowhere.io');
  });

  it('leads from a webhook to the namespace of its service', async () => {
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const name = `gate:${'x'.repeat(248)}`;
    await serve({
      ...shop,
      [path]: listOf({
        metadata: { name },
        webhooks: [{ clientConfig: { service: { namespace: 'shop', name: 's' } } }],
      }),
    });
    expect((await run(['validatingwebhookconfigurations'])).errors).toEqual([]);
    const found = await files();
    expect(found).toContain('namespaces/shop/shop.yaml');
    const folder = 'cluster-scoped-resources/admissionregistration.k8s.io/validatingwebhookconfigurations/';
    expect(found.filter((file) => file.startsWith(`${folder}gate:xxx`))).toHaveLength(1);
  });
});

describe('without targets', () => {
  it('takes what the default gather takes on OpenShift, and what hangs on it', async () => {
    const root = '/apis/config.openshift.io/v1';
    await serve({
      ...shop,
      '/apis': { ...apis, groups: [{ name: 'config.openshift.io', versions: [{ version: 'v1' }] }] },
      '/api/v1/nodes': listOf({ metadata: { name: 'node-1' } }),
      [`${root}/clusteroperators`]: listOf({
        metadata: { name: 'dns' },
        status: { relatedObjects: [{ group: '', resource: 'namespaces', name: 'shop' }] },
      }),
      [`${root}/proxies`]: listOf(),
    });
    const { errors } = await defaultInspection(server.kube(), options([]));
    expect(errors).toEqual([]);
    expect(await files()).toContain('cluster-scoped-resources/core/nodes/node-1.yaml');
    expect(await files()).toContain('namespaces/shop/shop.yaml');
  });

  it('falls back to nodes and kube-system elsewhere', async () => {
    await serve({
      ...shop,
      '/api/v1/nodes': listOf({ metadata: { name: 'node-1' } }),
    });
    const { errors } = await fallbackInspection(server.kube(), options([]));
    expect(errors.join()).toContain('kube-system');
    expect(await files()).toContain('cluster-scoped-resources/core/nodes/node-1.yaml');
  });
});

it('makes the page of one file without asking the cluster', async () => {
  await serve({});
  await mkdir(join(destDir, 'in'));
  const eventsFile = join(destDir, 'in', 'my-events.yaml');
  await writeFile(eventsFile, 'kind: List\nitems:\n- kind: Event\n  reason: Killing\n  metadata: {}\n');
  expect((await run([], { eventsFile })).errors).toEqual([]);
  expect(await read('event-filter.html')).toContain('class="danger">Killing<');
  expect(server.requests).toEqual([]);
  expect((await run([], { eventsFile: join(destDir, 'no') })).errors).toHaveLength(1);
});
