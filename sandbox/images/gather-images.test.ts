import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fillSample, sampleKinds } from '../sample/sample-cluster.ts';
import { type Sandbox, startSandbox } from '../server.ts';

type Run = { readonly code: number; readonly stdout: string; readonly out: string; readonly files: readonly string[] };

const run = promisify(execFile);

// Pods do not run here: their logs are what a gather cannot read, and has to live with.
describe('the gather images of the sample', () => {
  let sandbox: Sandbox;
  let folder = '';

  beforeAll(async () => {
    sandbox = await startSandbox({ kinds: sampleKinds });
    fillSample(sandbox.api);
    folder = await mkdtemp(join(tmpdir(), 'gather-images-'));
    await writeFile(join(folder, 'kubeconfig'), sandbox.kubeconfig, { mode: 0o600 });
    await mkdir(join(folder, 'bin'));
    await symlink(process.execPath, join(folder, 'bin', 'node'));
    await symlink(join(import.meta.dirname, '..', '..', 'bin', 'muster.js'), join(folder, 'bin', 'muster'));
  });
  afterAll(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });

  /** Runs an image's entry point as a plain process, with its volume and its kubeconfig in their places. */
  const gather = async (image: string, env: Readonly<Record<string, string>> = {}): Promise<Run> => {
    const directory = join(import.meta.dirname, image);
    const manifest = JSON.parse(await readFile(join(directory, 'image.json'), 'utf8'));
    const out = await mkdtemp(join(folder, 'out-'));
    const { code, stdout } = await run(join(directory, 'root', manifest.entrypoint[0]), {
      cwd: out,
      env: {
        ...manifest.env,
        PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`,
        KUBECONFIG: join(folder, 'kubeconfig'),
        MUST_GATHER_DIR: out,
        ...env,
      },
    }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => error,
    );
    const entries = await readdir(out, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1));
    return { code, stdout, out, files };
  };
  const yamlOf = async ({ out }: Run, ...path: string[]) => parse(await readFile(join(out, ...path), 'utf8'));

  it('gather the cluster: its version, operators and their namespaces', async () => {
    const done = await gather('must-gather', { MUST_GATHER_SINCE: '2h' });
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/sample cluster[\s\S]*logs since 2h/);
    expect(await readFile(join(done.out, 'version'), 'utf8')).toBe('sample/must-gather\n4.22.3-sample\n');
    const operator = 'cluster-scoped-resources/config.openshift.io/clusteroperators/image-registry.yaml';
    expect(await yamlOf(done, operator)).toMatchObject({ kind: 'ClusterOperator' });
    const namespace = join('namespaces', 'openshift-image-registry');
    expect(await yamlOf(done, namespace, 'core', 'events.yaml')).toHaveProperty('items.0.reason');
    const secrets = await readFile(join(done.out, namespace, 'core', 'secrets.yaml'), 'utf8');
    expect(secrets).not.toContain(Buffer.from('sample-password').toString('base64'));
    const proxies = await readFile(
      join(done.out, 'cluster-scoped-resources', 'config.openshift.io', 'proxies.yaml'),
      'utf8',
    );
    expect(proxies).toContain('egress:****@proxy.sample.invalid');
    expect(done.files).toContain('host_service_logs/masters/kubelet_service.log');
  });

  it('gather virtualization: its namespace, and a folder for each virtual machine of a person', async () => {
    const done = await gather('virtualization-must-gather');
    expect(done.code).toBe(0);
    expect(done.files).toContain('namespaces/openshift-cnv/openshift-cnv.yaml');
    expect(done.files).toContain('must-gather.log');
    const summary = join(done.out, 'namespaces', 'sample-vms', 'vms', 'batch-night', 'summary.txt');
    expect(await readFile(summary, 'utf8')).toContain('printableStatus: Stopped');
    expect(await readFile(join(done.out, 'version'), 'utf8')).toMatch(/^sample\//);
  });

  it('gather storage with megabytes of logs, and fail when they are told to', async () => {
    const done = await gather('storage-must-gather', { SAMPLE_GATHER_EXIT: '3' });
    expect(done.code).toBe(3);
    expect(done.stdout).toContain('WARNING: osd.2 did not answer');
    const log = await readFile(join(done.out, 'ceph', 'logs', 'osd.2.log'));
    expect(log.length).toBeGreaterThan(1_000_000);
    const cluster = 'namespaces/openshift-storage/ocs.openshift.io/storageclusters/ocs-storagecluster.yaml';
    expect(await yamlOf(done, cluster)).toMatchObject({ status: { phase: 'Ready' } });
  });

  it('gather migration into one archive and nothing beside it', async () => {
    const done = await gather('migration-must-gather');
    expect(done.code).toBe(0);
    expect(done.files).toEqual(['must-gather.tar.gz']);
    const { stdout } = await run('tar', ['-tzf', join(done.out, 'must-gather.tar.gz')]);
    expect(stdout).toContain('must-gather/version\n');
    expect(stdout).toContain('must-gather/transfer-logs/warehouse.log\n');
    expect(stdout).toContain('must-gather/namespaces/sample-vms/kubevirt.io/virtualmachines.yaml\n');
  });
});
