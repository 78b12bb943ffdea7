import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../contract/command.ts';
import type { As, Deployment, Said } from './deployment.ts';
import { ask, binding, deployMuster, expectRefusal, expectYes, must, namespace, pod, SERVER } from './deployment.ts';
import { loadImages } from './muster.ts';
import { documentedRights, givenRights, type ServerRight } from './rights-table.ts';

/** Somebody's namespace, which a report may name as its `runNamespace`. */
const SHOP = 'muster-test-shop';
/** A report's own. */
const OWN = 'openshift-must-gather-test';
const REPORT = { 'muster.dev/report': 'test' };

const server: As = { user: SERVER };
const onlyReports = /Muster may touch only what carries the label muster\.dev\/report/;
const onlyReportsPods = /Muster may touch only pods of reports/;

let deployment: Deployment | undefined;

beforeAll(async () => {
  loadImages(['good']);
  removeWorld();
  deployment = await deployMuster('muster:never-started', 0);
  const items = [
    namespace(SHOP),
    namespace(OWN, REPORT),
    pod(SHOP, { name: 'till' }),
    pod(SHOP, { name: 'must-gather-till', labels: REPORT }),
    pod(OWN, { name: 'anything' }),
  ];
  must(['apply', '-f', '-'], { input: { apiVersion: 'v1', kind: 'List', items } });
  must(['wait', 'pod', '--all', '-n', SHOP, '--for=condition=Ready', '--timeout=90s']);
  must(['wait', 'pod', '--all', '-n', OWN, '--for=condition=Ready', '--timeout=90s']);
});
afterAll(() => {
  removeWorld();
  deployment?.remove();
});

function removeWorld(): void {
  const bindings = ['must-gather-test', 'muster-test-wide', 'muster-test-other'];
  must(['delete', '--ignore-not-found', '--timeout=90s', 'clusterrolebinding', ...bindings]);
  must(['delete', '--ignore-not-found', '--timeout=90s', 'namespace', SHOP, OWN, `${OWN}-2`]);
}

const create = (input: unknown): Said => ask(['create', '-f', '-'], { as: server, input });
const remove = (...what: string[]): Said => ask(['delete', '--wait=false', ...what], { as: server });
const exec = (inNamespace: string, name: string): Said =>
  ask(['exec', '-n', inNamespace, name, '--', 'echo', 'hello'], { as: server });

describe('the rights of docs/security.md', () => {
  const lines = (rights: readonly ServerRight[]) =>
    rights
      .map(
        ({ verb, resource, name, isEverywhere }) => `${verb} ${resource} ${name} ${isEverywhere ? 'everywhere' : ''}`,
      )
      .sort();
  const mayServer = (verb: string, resource: string, inNamespace: string, name = ''): boolean => {
    const [plural = '', subresource] = resource.split('/');
    const more = subresource === undefined ? [] : [`--subresource=${subresource}`];
    const what = name === '' ? plural : `${plural}/${name}`;
    return ask(['auth', 'can-i', verb, what, ...more, '-n', inNamespace], { as: server }).ok;
  };

  test('are those of deploy/base, one and all', () => {
    expect(lines(documentedRights())).toEqual(lines(givenRights()));
  });

  test('are of use: the sources that are named exist', () => {
    const named = [...readFileSync(join(root, 'docs/security.md'), 'utf8').matchAll(/`(src\/[^`]+)`/g)];
    expect(named.length).toBeGreaterThan(20);
    expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('are there', () => {
    const rights = documentedRights();
    expect(rights.length).toBeGreaterThan(40);
    const missing = rights.filter(({ verb, resource, name, isEverywhere }) => {
      // The group of OpenShift's and OLM's kinds is not there to be asked about in a plain cluster.
      if (/openshift\.io|coreos\.com/.test(resource)) return false;
      return !mayServer(verb, resource, isEverywhere ? SHOP : 'muster', name);
    });
    expect(lines(missing)).toEqual([]);
  });
  test.each([
    ['*', '*', SHOP],
    ['get', 'secrets', SHOP],
    ['list', 'configmaps', SHOP],
    ['delete', 'secrets', 'muster'],
    ['patch', 'secrets', 'muster'],
    ['patch', 'configmaps', 'muster'],
    ['patch', 'namespaces', SHOP],
    ['patch', 'pods', SHOP],
    ['update', 'pods/ephemeralcontainers', SHOP],
    ['create', 'pods/attach', SHOP],
    ['create', 'pods/portforward', SHOP],
    ['get', 'nodes/proxy', SHOP],
    ['patch', 'clusterrolebindings.rbac.authorization.k8s.io', SHOP],
    ['create', 'rolebindings.rbac.authorization.k8s.io', SHOP],
    ['create', 'roles.rbac.authorization.k8s.io', SHOP],
    ['bind', 'clusterroles.rbac.authorization.k8s.io', SHOP],
    ['escalate', 'clusterroles.rbac.authorization.k8s.io', SHOP],
    ['impersonate', 'users', SHOP],
    ['impersonate', 'serviceaccounts', SHOP],
    ['create', 'serviceaccounts/token', SHOP],
    ['create', 'deployments.apps', 'muster'],
    ['create', 'validatingadmissionpolicies.admissionregistration.k8s.io', SHOP],
    ['delete', 'validatingadmissionpolicybindings.admissionregistration.k8s.io', SHOP],
    ['patch', 'customresourcedefinitions.apiextensions.k8s.io', SHOP],
  ])('do not hold %s %s in %s', (verb, resource, inNamespace) => {
    expect(mayServer(verb, resource, inNamespace)).toBe(false);
  });
});

describe('what the server may make and remove', () => {
  test('namespaces: those of reports', () => {
    expectRefusal(create(namespace('muster-test-none')), 'server-namespaces', onlyReports);
    expectRefusal(remove('namespace', SHOP), 'server-namespaces', onlyReports);
    expectRefusal(remove('namespace', 'muster'), 'server-namespaces', onlyReports);
    expectYes(create(namespace(`${OWN}-2`, REPORT)));
    expectYes(remove('namespace', `${OWN}-2`));
    // What is gone already is no refusal.
    expect(remove('namespace', 'openshift-must-gather-never').text).toContain('NotFound');
  });

  test('bindings: to accounts of reports’ namespaces', () => {
    const noRights = (name: string) => new RegExp(`no rights to accounts of namespace ${name}`);
    const account = (inNamespace: string, name = 'default') => ({
      kind: 'ServiceAccount',
      name,
      namespace: inNamespace,
    });
    const unmarked = binding(OWN, { metadata: { name: 'must-gather-test' } });
    expectRefusal(create(unmarked), 'server-namespaces', onlyReports);
    expectRefusal(create(binding(SHOP)), 'server-bindings', noRights(SHOP));
    expectRefusal(create(binding('kube-system')), 'server-bindings', noRights('kube-system'));
    const itself = binding(OWN, { subjects: [account(OWN), account('muster', 'muster')] });
    expectRefusal(create(itself), 'server-bindings', noRights('muster'));
    for (const kind of ['User', 'Group']) {
      const subjects = [account(OWN), { apiGroup: 'rbac.authorization.k8s.io', kind, name: 'system:authenticated' }];
      expectRefusal(create(binding(OWN, { subjects })), 'server-namespaces', /may bind service accounts only/);
    }
    expectRefusal(create(binding(OWN, { subjects: [] })), 'server-namespaces', /may bind service accounts only/);
    expectYes(create(binding(OWN)));
    expectYes(remove('clusterrolebinding', 'must-gather-test'));
    expectRefusal(remove('clusterrolebinding', 'cluster-admin'), 'server-namespaces', onlyReports);
  });

  test('bindings: to the one role; RBAC forbids all others', () => {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' };
    const { ok, text } = create(binding(OWN, { roleRef }));
    expect(text).toContain('attempting to grant RBAC permissions not currently held');
    expect(ok).toBe(false);
  });

  test('pods in reports’ namespaces: all', () => {
    expectYes(create(pod(OWN, { name: 'another', spec: { serviceAccountName: 'default', hostNetwork: true } })));
    expectYes(exec(OWN, 'anything'));
    expectYes(remove('pod', 'another', '-n', OWN));
  });

  test('pods elsewhere: those marked as a report’s, with no stronger account than any', () => {
    const marked = { name: 'must-gather-run', labels: REPORT };
    expectRefusal(create(pod(SHOP)), 'server-pods', onlyReportsPods);
    const stronger = pod(SHOP, { ...marked, spec: { serviceAccountName: 'cashier' } });
    must(['create', 'serviceaccount', 'cashier', '-n', SHOP]);
    expectRefusal(create(stronger), 'server-pods', /runs as the service account default/);
    expectYes(create(pod(SHOP, marked)));
    expectYes(remove('pod', 'must-gather-run', '-n', SHOP));
    expectRefusal(remove('pod', 'till', '-n', SHOP), 'server-pods', onlyReportsPods);
  });

  test('exec: in gather pods', () => {
    expectRefusal(exec(SHOP, 'till'), 'server-pods', onlyReportsPods);
    const { ok, text } = exec(SHOP, 'must-gather-till');
    expect(text).toBe('hello\n');
    expect(ok).toBe(true);
  });

  test('its own namespace: no pods, marked or not', () => {
    const { containers } = pod('muster').spec;
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
    const spec = {
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: containers.map((container) => ({ ...container, securityContext })),
    };
    const marked = pod('muster', { labels: REPORT, spec });
    expectRefusal(create(marked), 'server-pods', /may not touch pods of its own namespace/);
  });
});

describe('where somebody gave the server all rights', () => {
  beforeAll(() => {
    const subjects = [{ kind: 'ServiceAccount', name: 'muster', namespace: 'muster' }];
    must(['create', '-f', '-'], { input: binding('', { metadata: { name: 'muster-test-wide' }, subjects }) });
  });
  afterAll(() => {
    must(['delete', 'clusterrolebinding', 'muster-test-wide']);
  });

  test('it marks nothing that is not marked, and unmarks nothing', () => {
    const label = (what: string, mark: string) => ask(['label', ...what.split(' '), mark], { as: server });
    const mark = 'muster.dev/report=x';
    expectRefusal(label(`namespace ${SHOP}`, mark), 'server-namespaces', onlyReports);
    expectRefusal(label(`namespace ${OWN}`, 'muster.dev/report-'), 'server-namespaces', onlyReports);
    expectRefusal(label('clusterrolebinding cluster-admin', mark), 'server-namespaces', onlyReports);
    expectRefusal(label(`pod till -n ${SHOP}`, mark), 'server-pods', onlyReportsPods);
    expectRefusal(label(`pod must-gather-till -n ${SHOP}`, 'muster.dev/report-'), 'server-pods', onlyReportsPods);
  });

  test('it binds no other role, and adds nobody to a binding', () => {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' };
    expectRefusal(create(binding(OWN, { roleRef })), 'server-namespaces', /only the ClusterRole that gathers need/);
    expectYes(create(binding(OWN)));
    const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace: SHOP }];
    const change = JSON.stringify({ subjects });
    const patched = ask(['patch', 'clusterrolebinding', 'must-gather-test', '--type=merge', '-p', change], {
      as: server,
    });
    expectRefusal(patched, 'server-bindings', /no rights to accounts of namespace muster-test-shop/);
    expectYes(remove('clusterrolebinding', 'must-gather-test'));
  });

  test('it removes nothing of others by the dozen', () => {
    const collection = `/api/v1/namespaces/${SHOP}/pods?fieldSelector=metadata.name%3Dtill`;
    expectRefusal(ask(['delete', '--raw', collection], { as: server }), 'server-pods', onlyReportsPods);
    must(['create', '-f', '-'], { input: binding(SHOP, { metadata: { name: 'muster-test-other' } }) });
    const raw = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/muster-test-other';
    expectRefusal(ask(['delete', '--raw', raw], { as: server }), 'server-namespaces', onlyReports);
  });

  test.each([
    ['attach', ['attach', 'till', '-n', SHOP]],
    ['port-forward', ['port-forward', 'till', '18099:80', '-n', SHOP]],
    ['proxy', ['get', '--raw', `/api/v1/namespaces/${SHOP}/pods/till/proxy/`]],
    ['debug', ['debug', 'till', '-n', SHOP, '--image=localhost/tools:1', '--', 'true']],
    ['attach to a marked pod', ['attach', 'must-gather-till', '-n', SHOP]],
  ])('it reaches into no pod by %s', (_, args) => {
    expectRefusal(ask(args, { as: server }), 'server-pods', onlyReportsPods);
  });

  test('it evicts no pod', () => {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'till', namespace: SHOP } };
    const raw = `/api/v1/namespaces/${SHOP}/pods/till/eviction`;
    const said = ask(['create', '--raw', raw, '-f', '-'], { as: server, input: eviction });
    expectRefusal(said, 'server-pods', onlyReportsPods);
  });
});
