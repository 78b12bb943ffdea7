import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Kube } from '../kube/kube.ts';
import { type Answer, sendJson, startServer, type TestServer } from '../kube/test-server.ts';
import { type InspectOptions, inspect } from './inspect.ts';
import type { Inspected } from './inspector.ts';

/** For tests: a small API server with one namespace, `shop`, in it, and a folder for what is inspected. */

export const planted = 'hunter2-planted';

export type Scripted = { readonly [path: string]: unknown };
type Text = { readonly status?: number; readonly text: string };

export const resource = (plural: string, kind: string, namespaced = true, more: object = {}) => ({
  resource: plural,
  responseKind: { kind },
  scope: namespaced ? 'Namespaced' : 'Cluster',
  singularResource: kind.toLowerCase(),
  verbs: ['get', 'list'],
  ...more,
});
export const groupOf = (name: string, version: string, ...resources: object[]) => ({
  metadata: { name },
  versions: [{ version, resources }],
});
export const discovered = (...items: object[]) => ({ kind: 'APIGroupDiscoveryList', items });

export const api = discovered(
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
export const apis = discovered(
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

export const base64 = (text: string) => Buffer.from(text).toString('base64');
export const pod = (name: string, status: object = {}) => ({
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
export const listOf = (...items: object[]) => ({ items, metadata: {} });
export const lastApplied = { 'kubectl.kubernetes.io/last-applied-configuration': planted };

export const shop: Scripted = {
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
    count: 3,
  }),
  '/apis/apps/v1/namespaces/shop/deployments': listOf(),
  '/api/v1/namespaces/shop/pods/web/log': { text: '2026-11-21T02:00:00Z hello\n' },
};

export type Fixture = {
  readonly destDir: string;
  /** What was said to people. */
  readonly said: readonly string[];
  /** Answers by path, without query; what is not there is a 404. Starts once. */
  serve(scripted: Scripted): Promise<TestServer>;
  serveWith(answer: Answer): Promise<TestServer>;
  kube(): Kube;
  /** Method and path with query of all that was asked. */
  requests(): readonly string[];
  run(targets: readonly string[], more?: Partial<InspectOptions>): Promise<Inspected>;
  options(targets?: readonly string[], more?: Partial<InspectOptions>): InspectOptions;
  /** Paths below the folder, sorted. */
  files(): Promise<string[]>;
  read(path: string): Promise<string>;
  close(): Promise<void>;
};

export async function openFixture(): Promise<Fixture> {
  const destDir = await mkdtemp(join(tmpdir(), 'muster-inspect-'));
  const said: string[] = [];
  let server: TestServer | undefined;
  const serveWith = async (answer: Answer) => {
    server = await startServer(answer);
    return server;
  };
  const kube = () => {
    if (server === undefined) throw new Error('nothing is served');
    return server.kube();
  };
  const options = (targets: readonly string[] = [], more: Partial<InspectOptions> = {}): InspectOptions => ({
    targets,
    destDir,
    now: () => new Date('2026-11-21T03:00:00Z'),
    say: (line) => said.push(line),
    ...more,
  });
  return {
    destDir,
    said,
    serveWith,
    options,
    serve: (scripted) => serveWith((request, response) => answerFrom(scripted, request.url ?? '', response)),
    kube,
    requests: () => server?.requests ?? [],
    run: (targets, more) => inspect(kube(), options(targets, more)),
    files: async () => {
      const entries = await readdir(destDir, { recursive: true, withFileTypes: true });
      const found = entries.filter((entry) => entry.isFile());
      return found.map((entry) => relative(destDir, join(entry.parentPath, entry.name))).sort();
    },
    read: (path) => readFile(join(destDir, path), 'utf8'),
    close: async () => {
      await server?.close();
      await rm(destDir, { recursive: true });
    },
  };
}

export function answerFrom(scripted: Scripted, url: string, response: ServerResponse): void {
  const path = decodeURIComponent(url.split('?')[0] ?? '');
  const answer = scripted[path];
  if (answer === undefined) {
    sendJson(response, { kind: 'Status', message: `${path} not found`, reason: 'NotFound' }, 404);
  } else if (isText(answer)) {
    response.writeHead(answer.status ?? 200, { 'content-type': 'text/plain' }).end(answer.text);
  } else {
    sendJson(response, answer);
  }
}

function isText(answer: unknown): answer is Text {
  return typeof answer === 'object' && answer !== null && 'text' in answer;
}
