import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { root } from '../contract/command.ts';
import { loadOnce } from './load-once.ts';
import { image } from './muster.ts';

/** The account that `deploy/base` gives the server. */
export const SERVER = 'system:serviceaccount:muster:muster';

export type Said = { readonly ok: boolean; readonly text: string };

/**
 * Makes Muster's own image and loads it into the nodes; answers with its name. With a cluster of one's own it has to be
 * there already, beside the gather images.
 */
export function loadMuster(): string {
  const prefix = process.env.MUSTER_TEST_IMAGES;
  if (prefix !== undefined) return `${prefix}/muster:test`;
  const name = 'localhost/muster:test';
  const load = () => execFileSync(process.execPath, [join(root, 'scripts/cluster-image.ts'), name], { stdio: 'pipe' });
  const archive = process.env.MUSTER_TEST_IMAGE_ARCHIVE;
  // What is packed of the sources is packed anew: they may have changed.
  if (archive === undefined) load();
  else loadOnce(name, `${archive} of ${statSync(archive).mtimeMs}`, load);
  return name;
}

/** Whom kubectl speaks for; nobody: the administrator of KUBECONFIG. */
export type As = { readonly user: string; readonly groups?: readonly string[] };

/** What kubectl answers, be it yes or no. */
export function ask(args: readonly string[], { as, input }: { as?: As | undefined; input?: unknown } = {}): Said {
  const groups = as?.groups?.flatMap((group) => ['--as-group', group]) ?? [];
  const { status, stdout, stderr } = spawnSync(
    'kubectl',
    [...(as === undefined ? [] : ['--as', as.user, ...groups]), ...args],
    { input: input === undefined ? '' : JSON.stringify(input), encoding: 'utf8', timeout: 120_000 },
  );
  return { ok: status === 0, text: `${stdout}${stderr}` };
}

/** As `ask`, for what a test needs done before it can begin. */
export function must(args: readonly string[], options: { as?: As; input?: unknown } = {}): string {
  const { ok, text } = ask(args, options);
  if (!ok) throw new Error(`kubectl ${args.join(' ')}: ${text}`);
  return text;
}

/** The policy refused it, and RBAC did not. */
export function expectRefusal({ ok, text }: Said, policy: string, because: RegExp): void {
  expect(text).toContain(`ValidatingAdmissionPolicy '${policy}.muster.dev'`);
  expect(text).toMatch(because);
  expect(ok).toBe(false);
}

export function expectYes({ ok, text }: Said): void {
  expect(ok, text).toBe(true);
}

/** The objects of one of `deploy`'s kustomizations, as kubectl would apply them. */
export function rendered(folder: string): Rendered[] {
  const text = execFileSync('kubectl', ['kustomize', join(root, folder)], {
    encoding: 'utf8',
    maxBuffer: 16 * 2 ** 20,
  });
  return parseAllDocuments(text).map((document) => document.toJS() as Rendered);
}

export type Rendered = {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  [field: string]: unknown;
};

export type Deployment = { remove(): void };

/**
 * Installs `deploy/base` as an administrator does, with an overlay that names the image, and where the cluster serves it
 * `deploy/requester`. Resolves when the policies are in force. Throws when Muster is installed there already.
 */
export async function deployMuster(musterImage: string, replicas: number, wish: Sources = {}): Promise<Deployment> {
  if (ask(['get', 'namespace', 'muster']).ok) throw new Error('there is a namespace muster in this cluster already');
  const folder = writeOverlay({ musterImage, replicas, ...wish });
  const remove = () => {
    try {
      must(['delete', '--ignore-not-found', '--timeout=120s', '-k', folder]);
      freeVolumes();
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  try {
    must(['apply', '-k', folder]);
    must(['wait', '--for=condition=Established', 'crd/mustgatherreports.muster.dev', '--timeout=60s']);
    await inForce();
  } catch (error) {
    remove();
    throw error;
  }
  return { remove };
}

export type Sources = {
  /** Folder of Muster's sources; these by default. */
  readonly sources?: string;
  /** Folders of `deploy/components`. */
  readonly components?: readonly string[];
  /** What `components` want to be there. */
  readonly more?: readonly object[];
};
export type OverlayWish = Sources & { readonly musterImage: string; readonly replicas: number };

/** An administrator's own overlay, in a folder that the caller removes. */
export function writeOverlay({
  sources = root,
  musterImage,
  replicas,
  components = [],
  more = [],
}: OverlayWish): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'muster-overlay-'));
  const [, newName = musterImage, newTag = 'latest'] = /^(.*):([^:/]+)$/.exec(musterImage) ?? [];
  const resources = [join(sources, 'deploy/base'), ...(recordsRequesters() ? [join(sources, 'deploy/requester')] : [])];
  const from = (path: string) => relative(folder, realpathSync(path));
  const overlay = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...resources.map(from), 'more.yaml'],
    images: [{ name: 'muster', newName, newTag }],
    replicas: [{ name: 'muster', count: replicas }],
    components: components.map((name) => from(join(sources, 'deploy/components', name))),
  };
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(overlay));
  writeFileSync(join(folder, 'more.yaml'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: more }));
  return folder;
}

/** The cluster serves MutatingAdmissionPolicy in its final version (Kubernetes 1.36). */
export function recordsRequesters(): boolean {
  const args = ['api-resources', '--api-group=admissionregistration.k8s.io', '--no-headers', '-o', 'wide'];
  return /admissionregistration\.k8s\.io\/v1 .* MutatingAdmissionPolicy /.test(must(args));
}

/** The API server takes up new policies within moments, not at once; each is tried with what it refuses. */
async function inForce(): Promise<void> {
  const server = { user: SERVER };
  const probes: [string, unknown, As | undefined][] = [
    ['reports', report('muster-probe', { labels: { 'muster.dev/id': '1' } }), undefined],
    ['server-namespaces', namespace('muster-probe'), server],
    ['server-bindings', binding('kube-system'), server],
    ['server-pods', pod('kube-system'), server],
  ];
  const isRefused = ([policy, input, as]: (typeof probes)[number]) =>
    ask(['create', '--dry-run=server', '-f', '-'], { as, input }).text.includes(`'${policy}.muster.dev'`);
  for (let tries = 0; tries < 60; tries += 1) {
    if (probes.every(isRefused)) return;
    await setTimeout(250);
  }
  throw new Error('the policies of deploy/base are not in force');
}

/** Each volume of the test cluster binds once, and is kept: without this the thirteenth test has none. */
export function freeVolumes(): void {
  const { items } = JSON.parse(must(['get', 'pv', '-o', 'json'])) as {
    items: { metadata: { name: string }; spec: { claimRef?: { namespace: string } }; status: { phase: string } }[];
  };
  for (const { metadata, spec, status } of items) {
    if (spec.claimRef?.namespace !== 'muster' || status.phase !== 'Released') continue;
    must(['patch', 'pv', metadata.name, '--type=json', '-p', '[{"op":"remove","path":"/spec/claimRef"}]']);
  }
}

type Marks = {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly [field: string]: unknown;
};

export function report(name: string, marks: Marks & { namespace?: string } = {}) {
  return {
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'MustGatherReport',
    metadata: { name, namespace: 'default', ...marks },
  };
}

export function namespace(name: string, labels: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** A report's binding to an account of this namespace, but for what `more` says. */
export function binding(accountNamespace: string, more: { [field: string]: unknown } = {}) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'must-gather-test', labels: { 'muster.dev/report': 'test' } },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: accountNamespace }],
    ...more,
  };
}

export function pod(inNamespace: string, { name = 'must-gather-test', labels = {}, spec = {} }: PodWish = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: inNamespace, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'gather',
          image: image('good'),
          imagePullPolicy: 'IfNotPresent',
          command: ['/bin/bash', '-c', 'sleep 600'],
        },
      ],
      ...spec,
    },
  };
}
type PodWish = { name?: string; labels?: Record<string, string>; spec?: { [field: string]: unknown } };
