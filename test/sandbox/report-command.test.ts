import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startSample } from '../../sandbox/sample/start-sample.ts';
import { verifyArchive } from '../../src/archive/verify.ts';
import { main } from '../../src/cli/main.ts';
import { collector, runMuster } from '../../src/cli/test-program.ts';
import { connect } from '../../src/kube/connect.ts';
import type { Kind, KubeObject } from '../../src/kube/kinds.ts';

describe('muster serve with tokens and a certificate of its own, and muster report that speaks to it', () => {
  const stop = new AbortController();
  const logged = collector();
  let folder = '';
  let env: Record<string, string> = {};
  let close: () => Promise<void>;
  let served: Promise<number>;

  beforeAll(async () => {
    const sandbox = await startSample({});
    folder = await mkdtemp(join(tmpdir(), 'muster-report-'));
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, sandbox.kubeconfig, { mode: 0o600 });
    const kube = await connect({ kubeconfig, env: {} });
    close = async () => {
      await kube.close();
      await sandbox.close();
      await rm(folder, { recursive: true });
    };
    const flags = ['--kubeconfig', kubeconfig, '--listen', '127.0.0.1:0', '--store', join(folder, 'store')];
    served = main(
      {
        name: 'muster',
        env: { MUSTER_NAMESPACE: 'default' },
        stdout: logged.stream,
        stderr: logged.stream,
        interrupt: stop.signal,
        now: Date.now,
        exitCode: 0,
      },
      ['serve', ...flags],
    );
    await vi.waitFor(() => expect(logged.text()).toContain('"listening"'), { timeout: 30_000 });
    const [url = ''] = /https:\/\/127\.0\.0\.1:\d+/.exec(logged.text()) ?? [];
    const kind: Kind<KubeObject & { status?: { token?: string } }> = {
      group: '',
      version: 'v1',
      plural: 'serviceaccounts/muster-admin/token',
      kind: 'TokenRequest',
      namespaced: true,
    };
    await kube.create(accounts, { metadata: { name: 'muster-admin' } }, { namespace: 'default' });
    await kube.create(bindings, {
      metadata: { name: 'muster-admin' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'muster-admin', namespace: 'default' }],
    });
    const { status } = await kube.create(kind, { metadata: {} }, { namespace: 'default' });
    env = {
      MUSTER_URL: url,
      MUSTER_TOKEN: status?.token ?? '',
      MUSTER_CA_FILE: join(folder, 'store', 'tls', 'ca.crt'),
    };
  }, 60_000);
  afterAll(async () => {
    stop.abort(new Error('interrupted'));
    await served;
    await close();
  }, 60_000);

  test('create, wait and download; list, get, logs; delete', { timeout: 90_000 }, async () => {
    const nowMs = Date.now();
    const report = (...args: string[]) => runMuster(['report', ...args], { env, nowMs });
    const made = await report('create', '--name', 'first', '--timeout', '5m', '--download', '-f', folder, '-o', 'json');
    expect(made.exitCode, made.stderr).toBe(0);
    const result = JSON.parse(made.stdout);
    expect(result).toMatchObject({ id: 1, phase: 'Completed', 'custom-name': 'first' });
    expect(result['requested-by']).toBe('system:serviceaccount:default:muster-admin');
    expect((await stat(result.file)).size).toBe(result['archive-size']);
    expect(await verifyArchive(result.file)).toMatchObject({ ok: true, sha256: result['archive-sha256'] });
    expect(made.stderr).toMatch(/^\[\S+\] Running/m);

    expect((await report('list')).stdout).toMatch(/^1 +first +Completed +100% .*muster-admin$/m);
    expect((await report('get', 'first')).stdout).toMatch(/^✔ /m);
    expect((await report('logs', 'first')).stdout).toMatch(/^\[openshift +\] POD /m);
    expect((await report('delete', '1')).exitCode).toBe(0);
    await expect.poll(async () => (await report('get', '1')).exitCode, { timeout: 20_000 }).toBe(2);
    expect((await readdir(join(folder))).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect(await readFile(env.MUSTER_CA_FILE ?? '', 'utf8')).toMatch(/^-----BEGIN CERTIFICATE/);
  });

  test('a token is in no log', () => {
    expect(env.MUSTER_TOKEN).toMatch(/^ey/);
    expect(logged.text()).not.toContain(env.MUSTER_TOKEN);
    expect(logged.text()).not.toContain('PRIVATE KEY');
  });
});

const accounts: Kind = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
};
const bindings: Kind<KubeObject & { roleRef: object; subjects: object[] }> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
};
