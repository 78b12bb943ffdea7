import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import {
  ask,
  binding,
  deployMuster,
  expectYes,
  loadMuster,
  must,
  namespace,
  type Sources,
  writeOverlay,
} from './deployment.ts';

/** Somebody's namespace, with two accounts: `boss` is cluster-admin, `clerk` is nobody. */
export const SHOP = 'muster-test-shop';

export type Answer = { readonly status: number; readonly body: Buffer };

export type Wish = { readonly token?: string; readonly body?: string };

/** What deploy/base installs, running, and a way to it. */
export type LiveService = {
  /** As `curl --cacert` would, to the name that the Service has inside the cluster. */
  call(method: string, path: string, request?: Wish): Promise<Answer>;
  /** The same to one pod, and whatever it is then, as somebody's load balancer would. */
  callPod(pod: string, method: string, path: string, request?: Wish): Promise<Answer>;
  /** Where it can be reached from here; its certificate is for other names. */
  url(): string;
  /** Replaces the server's pod: another one, on the same volume and with the same certificate. */
  restart(): Promise<void>;
  /** Makes it what other sources install, as an administrator who upgrades. */
  become(wish: LiveWish): Promise<void>;
  remove(): void;
};

export type LiveWish = Sources & { readonly replicas?: number; readonly musterImage?: string };

/** Installs it, and waits until it is ready. */
export async function startLiveService(wish: LiveWish = {}): Promise<LiveService> {
  const { replicas = 1, musterImage = loadMuster() } = wish;
  removeWorld();
  const deployment = await deployMuster(musterImage, replicas, wish);
  let forward: Forward | undefined;
  const remove = () => {
    forward?.process.kill();
    removeWorld();
    // While the server runs: it takes away what they left.
    must(['delete', 'mgr', '--all', '--all-namespaces', '--timeout=90s']);
    deployment.remove();
  };
  try {
    makeWorld();
    rollout();
    const secret = ['get', 'secret', 'muster-tls', '-n', 'muster', '-o', 'jsonpath={.data.ca\\.crt}'];
    const ca = Buffer.from(must(secret), 'base64').toString();
    forward = await forwarded();
    return {
      call: (method, path, wish = {}) => callAs({ ca, port: forward?.port ?? 0, method, path }, wish),
      callPod: async (pod, method, path, wish = {}) => {
        const { process: child, port } = await forwarded(`pod/${pod}`, 8443);
        try {
          return await callAs({ ca, port, method, path }, wish);
        } finally {
          child.kill();
        }
      },
      url: () => `https://127.0.0.1:${forward?.port ?? 0}`,
      restart: async () => {
        forward?.process.kill();
        must(['delete', 'pod', '-n', 'muster', '-l', 'app=muster', '--timeout=60s']);
        rollout();
        forward = await forwarded();
      },
      become: async ({ replicas: count = replicas, musterImage: other = musterImage, ...sources }) => {
        const folder = writeOverlay({ replicas: count, musterImage: other, ...sources });
        try {
          must(['apply', '-k', folder]);
        } finally {
          rmSync(folder, { recursive: true });
        }
        forward?.process.kill();
        rollout();
        forward = await forwarded();
      },
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function makeWorld(): void {
  must(['create', '-f', '-'], { input: namespace(SHOP) });
  for (const name of ['boss', 'clerk']) must(['create', 'serviceaccount', name, '-n', SHOP]);
  const subjects = [{ kind: 'ServiceAccount', name: 'boss', namespace: SHOP }];
  must(['create', '-f', '-'], { input: binding(SHOP, { metadata: { name: 'muster-test-boss' }, subjects }) });
}

function removeWorld(): void {
  must(['delete', 'clusterrolebinding', 'muster-test-boss', '--ignore-not-found']);
  must(['delete', 'namespace', SHOP, '--ignore-not-found', '--timeout=90s']);
}

function rollout(): void {
  must(['rollout', 'status', 'deployment/muster', '-n', 'muster', '--timeout=120s']);
}

type Forward = { readonly process: ChildProcess; readonly port: number };

async function forwarded(to = 'service/muster', toPort = 443): Promise<Forward> {
  const args = ['port-forward', '-n', 'muster', to, `:${toPort}`, '--address=127.0.0.1'];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(30_000) })) as [string];
  return { process: child, port: Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]) };
}

export type Target = { readonly ca: string; readonly port: number; readonly method: string; readonly path: string };

/** As `curl --cacert` would, to the name that the Service has, at a port of this machine. */
export function callAs(target: Target, { token = '', body = '' }: Wish): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
    };
    const asked = request(
      { ...target, host: '127.0.0.1', servername: 'muster.muster.svc', headers },
      async (response) => {
        try {
          const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>);
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
        } catch (error) {
          reject(error);
        }
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

export const tokenOf = (account: string, ...more: string[]): string =>
  must(['create', 'token', account, '-n', SHOP, ...more]).trim();

/** Waits until the report can be fetched. */
export function expectReady(name: string, inNamespace: string): void {
  expectYes(ask(['wait', 'mgr', name, '-n', inNamespace, '--for=condition=Ready', '--timeout=150s']));
}

export type Report = {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Record<string, string> };
  readonly status: {
    readonly phase: string;
    readonly report_url: string;
    readonly requestedBy?: string;
    readonly archive: { readonly size: number; readonly sha256: string };
  };
};

export const readReport = (name: string, inNamespace: string): Report =>
  JSON.parse(must(['get', 'mgr', name, '-n', inNamespace, '-o', 'json'])) as Report;

/** Deletes the report, and looks for what it may have left in the cluster and in the store, a volume. */
export function expectGone(name: string, inNamespace: string): void {
  const uid = expectDeleted(name, inNamespace);
  const store = ['exec', '-n', 'muster', 'deployment/muster', '--', 'find', '/var/lib/muster', '-path', `*${uid}*`];
  expect(must(store)).toBe('');
}

/** Deletes the report, and looks for what it may have left in the cluster; answers with the UID that it had. */
export function expectDeleted(name: string, inNamespace: string): string {
  const { uid } = readReport(name, inNamespace).metadata;
  expectYes(ask(['delete', 'mgr', name, '-n', inNamespace, '--timeout=120s']));
  const mark = ['-l', `muster.dev/report=${uid}`, '-o', 'name'];
  expect(must(['get', 'namespaces,clusterrolebindings', ...mark])).toBe('');
  return uid;
}
