import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../contract/command.ts';
import { sampleOf } from '../faults/seeded.ts';
import { ask, binding, type Deployment, deployMuster, loadMuster, must, namespace, pod } from './deployment.ts';
import { bundleMuster } from './kill-service.ts';
import { type LimitedServer, serveLimited } from './limited-server.ts';
import { tokenOf } from './live-service.ts';
import { image, loadImages } from './muster.ts';
import { documentedRights, type ServerRight } from './rights-table.ts';

// Each right of docs/security.md taken away in turn: what needed it fails, and says in words which right that was, in the
// answer, on the report, or in the server's log. MUSTER_LONG takes all of them, else a seeded sample.

const SHOP = 'muster-test-shop';
const POD = 'muster-limited';
const SAID_WITHIN_MS = 60_000;
const isLong = process.env.MUSTER_LONG !== undefined;
const SEED = Number(process.env.MUSTER_SEED ?? 20_261_121);

let deployment: Deployment | undefined;
let folder = '';
let removeFolder: () => Promise<void> = async () => undefined;
let program = '';
let token = '';
/** Both roles as deploy/base has them. */
let whole: Role[] = [];
let server: LimitedServer | undefined;

type Rule = { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] };
type Role = { kind: 'ClusterRole' | 'Role'; rules: Rule[] };

beforeAll(async () => {
  loadImages(['good']);
  ({ folder, remove: removeFolder } = await scratch());
  program = bundleMuster(folder);
  must(['delete', 'clusterrolebinding', 'muster-test-boss', '--ignore-not-found']);
  must(['delete', 'namespace', SHOP, '--ignore-not-found', '--timeout=90s']);
  const muster = loadMuster();
  deployment = await deployMuster(muster, 0);
  whole = (['ClusterRole', 'Role'] as const).map((kind) => JSON.parse(must([...getRole(kind), '-o', 'json'])) as Role);
  must(['create', '-f', '-'], { input: namespace(SHOP) });
  must(['create', 'serviceaccount', 'boss', '-n', SHOP]);
  const subjects = [{ kind: 'ServiceAccount', name: 'boss', namespace: SHOP }];
  must(['create', '-f', '-'], { input: binding(SHOP, { metadata: { name: 'muster-test-boss' }, subjects }) });
  token = tokenOf('boss', '--duration=2h');
  must(['create', '-f', '-'], { input: ownPod(muster) });
  for (const workload of ['deployment', 'daemonset']) must(['create', '-f', '-'], { input: component(workload) });
}, 600_000);
afterEach(async () => {
  await server?.end();
  server = undefined;
  giveRights(whole);
  removeWhatIsLeft();
});
afterAll(async () => {
  must(['delete', 'clusterrolebinding', 'muster-test-boss', '--ignore-not-found']);
  must(['delete', 'namespace', SHOP, '--ignore-not-found', '--timeout=90s']);
  deployment?.remove();
  await removeFolder();
});

const getRole = (kind: Role['kind']) => ['get', kind, 'muster', ...(kind === 'Role' ? ['-n', 'muster'] : [])];

/** What the server takes for its own pod, and reads its image from. */
function ownPod(musterImage: string) {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const container = { name: 'muster', image: musterImage, imagePullPolicy: 'IfNotPresent', args: ['--version'] };
  const spec = {
    restartPolicy: 'Never',
    securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ ...container, securityContext }],
  };
  return pod('muster', { name: POD, spec });
}

/** A component that is as well as a workload is, which is not there. */
function component(workload: string) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `shop-${workload}`, namespace: 'muster', labels: { 'muster.dev/component': '' } },
    data: { image: image('good'), workload: `${SHOP}/${workload}/till` },
  };
}

function giveRights(roles: readonly Role[]): void {
  for (const { kind, rules } of roles) {
    const [, ...what] = getRole(kind);
    must(['patch', ...what, '--type=merge', '-p', JSON.stringify({ rules })]);
  }
}

/** The roles without this one right. */
function without({ verb, resource, name, isEverywhere }: ServerRight): Role[] {
  const [plural = '', ...subresource] = resource.split('/');
  const [short = '', ...group] = plural.split('.');
  const named = [short, ...subresource].join('/');
  const kind = isEverywhere ? 'ClusterRole' : 'Role';
  const isIt = (rule: Rule, each: string) =>
    rule.apiGroups.includes(group.join('.')) && each === named && (rule.resourceNames?.[0] ?? '') === name;
  return whole.map((role) => {
    if (role.kind !== kind) return role;
    // A rule of several resources loses the verb for one of them only.
    const rules = role.rules.flatMap((rule) =>
      rule.resources.map((each) => {
        const verbs = isIt(rule, each) ? rule.verbs.filter((one) => one !== verb) : rule.verbs;
        return { ...rule, resources: [each], verbs };
      }),
    );
    return { kind, rules: rules.filter(({ verbs }) => verbs.length > 0) };
  });
}

/** The server was killed in the middle of something: nobody else takes away what it left. */
function removeWhatIsLeft(): void {
  const listed = must([
    'get',
    'mgr',
    '-A',
    '-o',
    'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}\n{end}',
  ]);
  for (const line of listed.split('\n').filter((each) => each !== '')) {
    const [inNamespace = '', name = ''] = line.split(' ');
    const free = '{"metadata":{"finalizers":null}}';
    ask(['patch', 'mgr', name, '-n', inNamespace, '--type=merge', '-p', free]);
    ask(['delete', 'mgr', name, '-n', inNamespace, '--ignore-not-found', '--timeout=60s']);
  }
  must(['delete', 'clusterrolebindings,namespaces', '-l', 'muster.dev/report', '--timeout=90s']);
  must(['delete', 'pods', '-n', SHOP, '--all', '--timeout=60s']);
  const own = ['lease/muster', 'configmap/muster-report-numbers', 'secret/muster-tls', 'secret/muster-session'];
  must(['delete', '-n', 'muster', '--ignore-not-found', ...own]);
}

/**
 * What a person does with the service in a day, and all that was answered. Stops early once `isSaid`; what is asked may
 * fail in any way, since a right lacks.
 */
async function day(live: LimitedServer, isSaid: (text: string) => boolean): Promise<string> {
  const answers: string[] = [];
  const said = () => [...live.log, ...answers].join('\n');
  const call = async (method: string, path: string, body?: object) => {
    const wish = { token, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const { status, body: bytes } = await live
      .call(method, path, wish)
      .catch((error: unknown) => ({ status: 0, body: Buffer.from(String(error)) }));
    answers.push(`${method} ${path}: ${status} ${bytes.toString().slice(0, 100_000)}`);
    return { status, text: bytes.toString() };
  };
  if (!(await live.listening)) return said();
  for (const path of ['/overview', '/components']) await call('GET', path);
  await call('POST', '/must-gather', { server: 'https://elsewhere.invalid:6443' });
  const node = must(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}']);
  const command = 'echo hello; echo hello > /must-gather/hello';
  const wishes = [
    { 'custom-name': 'everywhere', 'node-selector': 'kubernetes.io/os=linux', command, timeout: '1m' },
    { 'custom-name': 'here', 'run-namespace': SHOP, 'node-name': node, image: image('good'), command, timeout: '1m' },
  ];
  for (const wish of wishes) {
    if (isSaid(said())) break;
    const { status, text } = await call('POST', '/must-gather', wish);
    if (status !== 201) continue;
    const { id } = JSON.parse(text) as { id: number };
    const isOver = async () => /"status":"(completed|error)"/.test((await call('GET', `/must-gather/${id}`)).text);
    await until(async () => isSaid(said()) || (await isOver()), SAID_WITHIN_MS);
    for (const path of ['', '/events', '/logs']) await call('GET', `/must-gather/${id}${path}`);
    await call('DELETE', `/must-gather/${id}`);
    const isGone = async () => (await call('GET', `/must-gather/${id}`)).status === 404;
    await until(async () => isSaid(said()) || (await isGone()), 20_000);
  }
  return said();
}

async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<void> {
  const lateAtMs = Date.now() + withinMs;
  while (!(await isSo()) && Date.now() < lateAtMs) await setTimeout(250);
}

/** In the words of the API server, which name verb, resource and group. */
function wordsFor({ verb, resource }: ServerRight): RegExp {
  if (verb === 'bind') return /is attempting to grant RBAC permissions not currently held/;
  const [plural = '', ...subresource] = resource.split('/');
  const [short = '', ...group] = plural.split('.');
  const named = [short, ...subresource].join('/');
  const escaped = group.join('\\.');
  return new RegExp(`cannot ${verb} resource \\\\*"${named}\\\\*" in API group \\\\*"${escaped}\\\\*"`);
}

const titleOf = ({ verb, resource, name, isEverywhere }: ServerRight) =>
  `${verb} ${resource}${name === '' ? '' : ` named ${name}`} ${isEverywhere ? 'everywhere' : 'in its namespace'}`;

/** Only what cannot do without: a report whose packer cannot be reached is copied through exec. */
const isForExec = ({ resource }: ServerRight) => resource === 'pods/exec';

/**
 * Not needed in a day: the server reads reports out of its watch, and only who patches one by kubectl in its name gets it
 * first; a binding is read where a killed server had made it before, and only some releases of
 * Kubernetes ask for `create` where exec is a WebSocket (1.36.3 with its defaults does not).
 */
const isRare = ({ verb, resource }: ServerRight) =>
  [
    'get mustgatherreports.muster.dev',
    'get clusterrolebindings.rbac.authorization.k8s.io',
    'create pods/exec',
  ].includes(`${verb} ${resource}`);

/** A certificate that is of no use is made anew. */
function plantBrokenCertificate(): void {
  must(['create', 'secret', 'generic', 'muster-tls', '-n', 'muster', '--from-literal=tls.crt=nonsense']);
}

describe('the day', () => {
  test('with all rights nothing is refused to the server', { timeout: 240_000 }, async () => {
    server = await serveLimited({ folder, program, podName: POD, withPackers: true });
    const said = await day(server, () => false);
    expect(said).not.toMatch(/cannot \w+ resource|not currently held/);
    expect(said.match(/"phase":"Completed"/g)?.length).toBeGreaterThanOrEqual(2);
  });
});

describe('without one right', () => {
  const all = documentedRights().filter((right) => !isRare(right));
  const taken = sampleOf(all, isLong ? undefined : 4, SEED);
  test('the table was read', () => expect(all.length).toBeGreaterThan(40));

  test.each(taken.map((right) => ({ title: titleOf(right), right })))(
    'says which: $title',
    { timeout: 300_000 },
    async ({ right }) => {
      if (right.name === 'muster-tls') plantBrokenCertificate();
      giveRights(without(right));
      await setTimeout(500); // the API server takes it up within moments
      server = await serveLimited({ folder, program, podName: POD, withPackers: !isForExec(right) });
      const words = wordsFor(right);
      const said = await day(server, (text) => words.test(text));
      expect(said).toMatch(words);
    },
  );
});
