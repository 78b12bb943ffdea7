import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveIn, muster, root, scratch, untar } from '../contract/command.ts';
import {
  ask,
  type Deployment,
  deployMuster,
  expectYes,
  loadMuster,
  must,
  pod,
  recordsRequesters,
} from './deployment.ts';

// The image of deploy/Containerfile and what deploy/base installs, on a real cluster.

let image = '';
const NAMESPACE = 'muster-test-image';

beforeAll(() => {
  image = loadMuster();
});

describe('the image', () => {
  beforeAll(() => {
    must(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=60s']);
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const metadata = { name: NAMESPACE, labels };
    must(['create', '-f', '-'], { input: { apiVersion: 'v1', kind: 'Namespace', metadata } });
  });
  afterAll(() => {
    must(['delete', 'namespace', NAMESPACE, '--timeout=60s']);
  });

  test('is a gather image', async () => {
    const { folder, remove } = await scratch();
    try {
      const { exitCode, stdout } = await muster(['gather', '--image', image], folder);
      expect(exitCode, stdout).toBe(0);
      const top = await untar(await archiveIn(folder), folder);
      const [gathered = ''] = (await readdir(top)).filter((name) => name.includes('sha256'));
      const inside = await readdir(join(top, gathered));
      expect(inside).toEqual(expect.arrayContaining(['cluster-scoped-resources', 'namespaces', 'gather.logs']));
    } finally {
      await remove();
    }
  });

  test.each([65_532, 1_000_720_000])('runs as user %i, restricted, its root read-only', (runAsUser) => {
    const name = `as-${runAsUser}`;
    const securityContext = {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    };
    const container = { name: 'muster', image, imagePullPolicy: 'IfNotPresent', args: ['--version'], securityContext };
    const spec = {
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, runAsUser, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [container],
    };
    must(['create', '-f', '-'], { input: pod(NAMESPACE, { name, spec }) });
    const phase = '--for=jsonpath={.status.phase}=Succeeded';
    expectYes(ask(['wait', 'pod', name, '-n', NAMESPACE, phase, '--timeout=60s']));
    expect(must(['logs', name, '-n', NAMESPACE])).toMatch(/^muster \d+\.\d+\.\d+\n$/);
  });
});

describe('what is installed', () => {
  let deployment: Deployment | undefined;
  beforeAll(async () => {
    deployment = await deployMuster(image, 0);
  });
  afterAll(() => deployment?.remove());

  test('is to the cluster’s liking: no warnings, neither of pods nor of policies', () => {
    const folders = ['deploy/base', ...(recordsRequesters() ? ['deploy/requester'] : [])];
    for (const folder of folders) {
      const said = ask(['apply', '--dry-run=server', '-k', join(root, folder)]);
      expectYes(said);
      expect(said.text).not.toMatch(/warning/i);
    }
    const policies = JSON.parse(must(['get', 'validatingadmissionpolicies', '-o', 'json'])) as Policies;
    const ours = policies.items.filter(({ metadata }) => metadata.name.endsWith('.muster.dev'));
    expect(ours).toHaveLength(4);
    for (const { status } of ours) expect(status).toEqual({ observedGeneration: 1, typeChecking: {} });
  });
});
type Policies = { items: { metadata: { name: string }; status?: unknown }[] };
