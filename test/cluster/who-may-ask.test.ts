import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { As, Deployment, Said } from './deployment.ts';
import {
  ask,
  binding,
  deployMuster,
  expectRefusal,
  expectYes,
  must,
  namespace,
  recordsRequesters,
  report,
  SERVER,
} from './deployment.ts';

const SHOP = 'muster-test-shop';

const server: As = { user: SERVER };
/** Cluster-admin by a binding, as people are. */
const admin: As = { user: 'ada' };
/** May do everything with reports, and nothing else. */
const editor: As = { user: 'ed' };
/** May do everything with everything of almost all API groups. */
const almost: As = { user: 'al' };

let deployment: Deployment | undefined;

beforeAll(async () => {
  removeWorld();
  deployment = await deployMuster('muster:never-started', 0);
  must(['apply', '-f', '-'], { input: { apiVersion: 'v1', kind: 'List', items: world() } });
});
afterAll(() => {
  removeWorld();
  deployment?.remove();
});

function world() {
  const role = (name: string, rules: unknown[]) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules,
  });
  const grant = (user: string, name: string) =>
    binding('', {
      metadata: { name: `muster-test-${user}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    });
  const all = ['*'];
  return [
    namespace(SHOP),
    role('muster-test-editor', [{ apiGroups: ['muster.dev'], resources: all, verbs: all }]),
    role('muster-test-almost', [{ apiGroups: ['', 'apps', 'muster.dev'], resources: all, verbs: all }]),
    grant('ed', 'muster-test-editor'),
    grant('al', 'muster-test-almost'),
    grant('ada', 'cluster-admin'),
  ];
}

function removeWorld(): void {
  const users = ['ed', 'al', 'ada'].map((user) => `clusterrolebinding/muster-test-${user}`);
  const roles = ['editor', 'almost'].map((name) => `clusterrole/muster-test-${name}`);
  must(['delete', '--ignore-not-found', '--timeout=90s', ...users, ...roles]);
  must(['delete', '--ignore-not-found', '--timeout=90s', 'namespace', SHOP]);
}

const create = (input: unknown, as?: As): Said => ask(['create', '-f', '-'], { as, input });
const patch = (what: string, change: unknown, as?: As): Said =>
  ask(['patch', '-n', SHOP, ...what.split(' '), '--type=merge', '-p', JSON.stringify(change)], { as });
const inShop = (name: string, marks: Parameters<typeof report>[1] = {}) => report(name, { ...marks, namespace: SHOP });

describe('who may ask for a report', () => {
  const onlyAdmins = /only a cluster-admin may ask for one/;

  test('a cluster-admin, the server, and nobody else, whatever RBAC says', () => {
    expectYes(create(inShop('by-ada'), admin));
    expectYes(create(inShop('by-root')));
    expectYes(create(inShop('by-server'), server));
    expectRefusal(create(inShop('by-ed'), editor), 'reports', onlyAdmins);
    expectRefusal(create(inShop('by-al'), almost), 'reports', onlyAdmins);
    const applied = ask(['apply', '--server-side', '-f', '-'], { as: editor, input: inShop('by-ed') });
    expectRefusal(applied, 'reports', onlyAdmins);
  });

  test('nobody gets past it with a deletion that has not begun', () => {
    const deletionTimestamp = '2026-11-21T00:00:00Z';
    expectRefusal(create(inShop('ending', { deletionTimestamp }), editor), 'reports', onlyAdmins);
    must(['create', '-f', '-'], { input: inShop('changed') });
    const change = { metadata: { deletionTimestamp }, spec: { cancel: true } };
    expect(patch('mgr changed', change, editor).ok).toBe(false);
    expect(must(['get', 'mgr', 'changed', '-n', SHOP, '-o', 'jsonpath={.spec.cancel}'])).toBe('false');
  });

  test('to change one is to ask; to delete one is not', () => {
    must(['create', '-f', '-'], { input: inShop('theirs') });
    expectRefusal(patch('mgr theirs', { spec: { cancel: true } }, editor), 'reports', onlyAdmins);
    expectRefusal(patch('mgr theirs', { metadata: { labels: { a: 'b' } } }, editor), 'reports', onlyAdmins);
    expectRefusal(patch('mgr theirs', { metadata: { annotations: { a: 'b' } } }, editor), 'reports', onlyAdmins);
    expectYes(patch('mgr theirs', { spec: { deleteAfter: '5m' } }, admin));
    expectYes(patch('mgr theirs', { spec: { cancel: true } }, server));
    expectYes(ask(['delete', 'mgr', 'theirs', '-n', SHOP], { as: editor }));
  });

  test('only the server numbers reports', () => {
    const numbered = (name: string) => inShop(name, { labels: { 'muster.dev/id': '7' } });
    const onlyMuster = /only Muster sets the label muster\.dev\/id/;
    expectRefusal(create(numbered('by-ada-7'), admin), 'reports', onlyMuster);
    expectYes(create(numbered('seven'), server));
    for (const id of ['8', '', null]) {
      expectRefusal(
        patch('mgr seven', { metadata: { labels: { 'muster.dev/id': id } } }, admin),
        'reports',
        onlyMuster,
      );
    }
    expectYes(patch('mgr seven', { metadata: { labels: { 'muster.dev/id': '9' } } }, server));
    expectYes(patch('mgr seven', { metadata: { labels: { mine: 'yes' } } }, admin));
  });

  test('nobody says that it was somebody else', () => {
    const saying = (name: string, who: string) => inShop(name, { annotations: { 'muster.dev/requested-by': who } });
    const forged = /names who created the report, and nobody else/;
    expectRefusal(create(saying('forged', 'ed'), admin), 'reports', forged);
    expectRefusal(create(saying('forged', ''), admin), 'reports', forged);
    expectYes(create(saying('mine', 'ada'), admin));
    expectYes(create(saying('by-rest', 'grace'), server));
    for (const who of ['ada', '', null]) {
      const change = { metadata: { annotations: { 'muster.dev/requested-by': who } } };
      expectRefusal(patch('mgr by-rest', change, admin), 'reports', forged);
    }
  });

  test('who asks with kubectl is written down, where the cluster can', (context) => {
    if (!recordsRequesters()) return context.skip();
    const requester = 'jsonpath={.metadata.annotations.muster\\.dev/requested-by}';
    must(['create', '-f', '-'], { as: admin, input: inShop('recorded', { annotations: { other: 'kept' } }) });
    expect(must(['get', 'mgr', 'recorded', '-n', SHOP, '-o', requester])).toBe('ada');
    expect(must(['get', 'mgr', 'recorded', '-n', SHOP, '-o', 'jsonpath={.metadata.annotations.other}'])).toBe('kept');
    must(['create', '-f', '-'], { as: server, input: inShop('not-recorded') });
    expect(must(['get', 'mgr', 'not-recorded', '-n', SHOP, '-o', requester])).toBe('');
  });
});

describe('the policies and what the cluster itself does', () => {
  const FULL = 'muster-test-full';

  test('a namespace full of reports goes, finalizers and all, at the hands of those who may not ask', async () => {
    must(['create', '-f', '-'], { input: namespace(FULL) });
    const items = Array.from({ length: 100 }, (_, place) =>
      report(`r-${place}`, { namespace: FULL, ...(place % 2 === 0 ? { finalizers: ['muster.dev/archive'] } : {}) }),
    );
    must(['create', '-f', '-'], { input: { apiVersion: 'v1', kind: 'List', items } });
    must(['delete', 'namespace', FULL, '--wait=false']);
    const left = () => must(['get', 'mgr', '-n', FULL, '-o', 'name']).split('\n').filter(Boolean);
    while (left().length > 50) await setTimeout(250);
    const all = left().map((name) => name.split('/')[1] ?? '');
    expect(all).toHaveLength(50);
    const release = ['patch', '-n', FULL, 'mgr', ...all, '--type=merge', '-p', '{"metadata":{"finalizers":null}}'];
    expectYes(ask(release, { as: editor }));
    expectYes(ask(['wait', '--for=delete', `namespace/${FULL}`, '--timeout=90s']));
  });

  test('on its way out a report is not asked for again', () => {
    must(['create', '-f', '-'], { input: inShop('ended', { finalizers: ['muster.dev/archive'] }) });
    must(['delete', 'mgr', 'ended', '-n', SHOP, '--wait=false']);
    const change = { metadata: { labels: { 'muster.dev/id': '1' } } };
    expectRefusal(patch('mgr ended', change, editor), 'reports', /only Muster sets/);
    expectYes(patch('mgr ended', { metadata: { finalizers: null } }, editor));
  });

  test('an owner of reports goes: the garbage collector, no cluster-admin, does what it must', () => {
    const owned = (cascade: string) => {
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `owner-${cascade}`, namespace: SHOP } };
      must(['create', '-f', '-'], { input: owner });
      const uid = must(['get', 'configmap', `owner-${cascade}`, '-n', SHOP, '-o', 'jsonpath={.metadata.uid}']);
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: `owner-${cascade}`, uid }];
      must(['create', '-f', '-'], { input: inShop(`owned-${cascade}`, { ownerReferences }) });
      return ask(['delete', 'configmap', `owner-${cascade}`, '-n', SHOP, `--cascade=${cascade}`, '--timeout=60s']);
    };
    // The first one also waits for the collector to notice the new kind, which takes it up to 30 s.
    for (const cascade of ['background', 'foreground']) {
      expectYes(owned(cascade));
      expectYes(ask(['wait', '--for=delete', `mgr/owned-${cascade}`, '-n', SHOP, '--timeout=60s']));
    }
    expectYes(owned('orphan'));
    expect(must(['get', 'mgr', 'owned-orphan', '-n', SHOP, '-o', 'jsonpath={.metadata.ownerReferences}'])).toBe('');
  });
});
