import { afterEach, expect, test } from 'vitest';
import { sendJson, sendStatus, startServer, type TestServer } from '../kube/test-server.ts';
import { makeOwnNamespace } from './own-namespace.ts';

const marks = { labels: { 'muster.dev/report': 'x7k2p' }, annotations: { 'muster.dev/process': 'here/1' } };
let api: TestServer | undefined;
afterEach(() => api?.close());

/** An API server that refuses what `refused` matches, and names what is made; the bodies that it was sent. */
async function start(refused = /(?!)/) {
  const bodies: string[] = [];
  api = await startServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      bodies.push(body);
      const line = `${request.method} ${request.url}`;
      if (refused.test(line)) return sendStatus(response, 403, 'Forbidden', 'a webhook said no');
      const name = line.includes('namespaces') ? 'openshift-must-gather-abcde' : 'must-gather-fghij';
      sendJson(response, { ...(body === '' ? {} : JSON.parse(body)), metadata: { name, uid: `uid-of-${name}` } });
    });
  });
  const said: string[] = [];
  const log = { say: (line: string) => said.push(line), warn: (line: string) => said.push(`warning: ${line}`) };
  return { kube: api.kube(), log, said, bodies, paths: () => api?.requests.map((line) => line.split('?')[0]) };
}

const NAMESPACES = '/api/v1/namespaces';
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';

test('made in order, removed in order: the rights go first; only what was made is removed', async () => {
  const { kube, log, said, bodies, paths } = await start();
  const own = await makeOwnNamespace(kube, marks, { keep: false, log });
  expect(own.name).toBe('openshift-must-gather-abcde');
  await own.remove();
  expect(paths()).toEqual([
    `POST ${NAMESPACES}`,
    `POST ${BINDINGS}`,
    `DELETE ${BINDINGS}/must-gather-fghij`,
    `DELETE ${NAMESPACES}/openshift-must-gather-abcde`,
  ]);
  const [namespace = '', binding = '', unbind = '', remove = ''] = bodies;
  expect(JSON.parse(namespace).metadata).toMatchObject({
    generateName: 'openshift-must-gather-',
    labels: {
      'pod-security.kubernetes.io/enforce': 'privileged',
      'security.openshift.io/scc.podSecurityLabelSync': 'false',
      'openshift.io/run-level': '0',
      'muster.dev/report': 'x7k2p',
    },
    annotations: { 'openshift.io/node-selector': '', 'muster.dev/process': 'here/1' },
  });
  expect(JSON.parse(binding)).toMatchObject({
    metadata: {
      generateName: 'must-gather-',
      ownerReferences: [{ kind: 'Namespace', name: own.name, uid: `uid-of-${own.name}` }],
    },
    roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: own.name }],
  });
  expect(unbind).toContain('uid-of-must-gather-fghij');
  expect(remove).toContain(`uid-of-${own.name}`);
  expect(said.filter((line) => line.startsWith('warning'))).toEqual([]);
});

test('when the binding is refused, the namespace does not stay', async () => {
  const { kube, log, paths } = await start(/POST .*clusterrolebindings/);
  await expect(makeOwnNamespace(kube, marks, { keep: false, log })).rejects.toMatchObject({ status: 403 });
  expect(paths()?.at(-1)).toBe(`DELETE ${NAMESPACES}/openshift-must-gather-abcde`);
});

test('when the namespace is refused, nothing else is asked for', async () => {
  const { kube, log, paths } = await start(/POST .*namespaces/);
  await expect(makeOwnNamespace(kube, marks, { keep: false, log })).rejects.toMatchObject({ status: 403 });
  expect(paths()).toEqual([`POST ${NAMESPACES}`]);
});

test('what cannot be removed is told by its name, and the rest is removed', async () => {
  const { kube, log, said, paths } = await start(/DELETE .*clusterrolebindings/);
  const own = await makeOwnNamespace(kube, marks, { keep: false, log });
  await own.remove();
  expect(
    said.some((line) => /^warning: could not delete binding must-gather-fghij.*a webhook said no/.test(line)),
  ).toBe(true);
  expect(paths()?.at(-1)).toBe(`DELETE ${NAMESPACES}/openshift-must-gather-abcde`);
});

test('--keep leaves both, and says so', async () => {
  const { kube, log, said, paths } = await start();
  const own = await makeOwnNamespace(kube, marks, { keep: true, log });
  await own.remove();
  expect(paths()?.filter((line) => line?.startsWith('DELETE'))).toEqual([]);
  expect(said.at(-1)).toMatch(/^warning: kept namespace openshift-must-gather-abcde/);
});
