import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/kube/connect.ts';
import { clusterOperators, nodes, pods } from '../../src/kube/kinds.ts';
import { archiveIn, muster, type Running, scratch, start } from '../contract/command.ts';

let folder = '';
let removeFolder: () => Promise<void>;
beforeEach(async () => {
  const made = await scratch();
  folder = made.folder;
  removeFolder = made.remove;
});
afterEach(() => removeFolder());

/** Starts `muster sandbox` and waits for the line that a person would copy. */
async function startSandbox(...flags: string[]): Promise<{ running: Running; kubeconfig: string }> {
  const running = start(['sandbox', ...flags], folder);
  const line = await new Promise<string>((resolve, reject) => {
    running.child.stdout?.once('data', (chunk) => resolve(String(chunk)));
    running.ended.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  const kubeconfig = /^export KUBECONFIG=(\S+)\n$/.exec(line)?.[1] ?? '';
  expect(kubeconfig, line).not.toBe('');
  return { running, kubeconfig };
}

async function inSandbox<T>(kubeconfig: string, ask: (kube: Awaited<ReturnType<typeof connect>>) => Promise<T>) {
  const kube = await connect({ env: { KUBECONFIG: kubeconfig } });
  try {
    return await ask(kube);
  } finally {
    await kube.close();
  }
}

/** The processes of a sandbox's containers: they have its programs on their PATH. */
function containersOf(sandboxFolder: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(`PATH=${sandboxFolder}/`);
    } catch {
      return false; // it ended, or is somebody else's
    }
  });
}

describe('muster sandbox', () => {
  test('holds the sample cluster, and leaves nothing after Ctrl-C', async () => {
    const { running, kubeconfig } = await startSandbox();
    const operators = await inSandbox(kubeconfig, (kube) => Array.fromAsync(kube.list(clusterOperators)));
    const degraded = operators.filter(({ status }) =>
      status?.conditions?.some((condition) => condition.type === 'Degraded' && condition.status === 'True'),
    );
    expect([operators.length >= 30, degraded.length]).toEqual([true, 1]);
    running.child.kill('SIGINT');
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain('It is no cluster');
    expect(existsSync(dirname(kubeconfig))).toBe(false);
  });

  test('is empty when asked, and listens where it is told', async () => {
    const { running, kubeconfig } = await startSandbox('--empty', '--listen', 'localhost:0');
    const [all, found] = await inSandbox(kubeconfig, async (kube) => [
      await Array.fromAsync(kube.list(pods)),
      await Array.fromAsync(kube.list(nodes)),
    ]);
    expect([all.length, found.length]).toEqual([0, 1]);
    running.child.kill('SIGTERM');
    expect((await running.ended).exitCode).toBe(0);
  });

  test.each([
    ['an address that others reach', '0.0.0.0:8443', /--listen.*loopback only/],
    ['a name', 'example.com:8443', /--listen.*loopback only/],
    ['no port', '127.0.0.1', /--listen.*HOST:PORT/],
    ['a port that there is not', '127.0.0.1:70000', /--listen.*HOST:PORT/],
  ])('refuses to listen at %s', async (_, listen, expected) => {
    const { exitCode, stdout, stderr } = await muster(['sandbox', '--listen', listen], folder);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(expected);
  });

  test.runIf(process.platform === 'linux')('leaves nothing after kill -9, no process and no file', async () => {
    const { running, kubeconfig } = await startSandbox();
    const sandboxFolder = dirname(kubeconfig);
    await expect.poll(() => containersOf(sandboxFolder).length, { timeout: 10_000 }).toBeGreaterThan(5);
    running.child.kill('SIGKILL');
    await expect.poll(() => containersOf(sandboxFolder), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => existsSync(sandboxFolder), { timeout: 10_000 }).toBe(false);
  });
});

describe('muster start', () => {
  test('gathers the sample cluster and shows the tree of what came of it', async () => {
    const { exitCode, stdout } = await muster(['start', '--once'], folder);
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toContain('It is no real cluster');
    expect(stdout).toMatch(/^Muster serves it at http:\/\/127\.0\.0\.1:\d+\/$/m);
    expect(stdout).toMatch(/^must-gather\.local\.\S+\/ {2}\d+ files, .*\n├─ event-filter\.html/m);
    expect(await muster(['verify', await archiveIn(folder)], folder)).toMatchObject({ exitCode: 0 });
  }, 60_000);

  test('gathers the current cluster, or that of a context, and no sandbox', async () => {
    const { running, kubeconfig } = await startSandbox();
    for (const which of [['--current'], ['--on', 'muster-sandbox']]) {
      const made = await scratch();
      const { exitCode, stdout } = await muster(['start', ...which], made.folder, { KUBECONFIG: kubeconfig });
      expect(exitCode, stdout).toBe(0);
      expect(stdout).not.toContain('in a sandbox');
      expect(stdout).toContain('├─ timestamp');
      await made.remove();
    }
    running.child.kill('SIGINT');
    await running.ended;
    const unknown = await muster(['start', '--on', 'elsewhere'], folder, { KUBECONFIG: '' });
    expect([unknown.exitCode, unknown.stdout]).toEqual([1, '']);
    const both = await muster(['start', '--on', 'x', '--current'], folder);
    expect(both.exitCode).toBe(2);
  }, 90_000);
});
