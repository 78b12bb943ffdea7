import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMuster } from './test-program.ts';

/** Runs one command line in this process; nobody answers at the address of its kubeconfig. */
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runMuster(args, { env: { KUBECONFIG: kubeconfig, ...env } });

let folder = '';
let kubeconfig = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-cli-'));
  kubeconfig = join(folder, 'kubeconfig');
  const server = 'http://127.0.0.1:9'; // the discard port: nothing listens
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'nowhere',
      clusters: [{ name: 'nowhere', cluster: { server } }],
      users: [{ name: 'ada', user: { token: 'canary-token' } }],
      contexts: [{ name: 'nowhere', context: { cluster: 'nowhere', user: 'ada' } }],
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('bad input: one line that names the flag and the reason, exit 2, nothing asked of the cluster', () => {
  test.each<[string, string[], RegExp]>([
    ['an image that is none', ['--image', 'shop/UPPER'], /--image.*shop\/UPPER/],
    ['an empty image', ['--image', 'a,,b'], /--image/],
    ['an image stream without a namespace', ['--image-stream', 'must-gather'], /--image-stream.*namespace\/name/],
    ['both of since', ['--since', '1h', '--since-time', '2026-11-21T10:00:00Z'], /--since.*--since-time/],
    ['both of node', ['--node-name', 'a', '--node-selector', 'b=c'], /--node-name.*--node-selector/],
    ['all images and an image', ['--all-images', '--image', 'a'], /--all-images.*--image/],
    ['all images and the host network', ['--all-images', '--host-network'], /--host-network/],
    ['both destinations', ['--dest-dir', 'a', '--archive', 'b'], /--dest-dir.*--archive/],
    ['0 percent', ['--volume-percentage', '0'], /--volume-percentage.*1 to 100/],
    ['101 percent', ['--volume-percentage=101'], /--volume-percentage.*1 to 100/],
    ['percent that are none', ['--volume-percentage', 'most'], /--volume-percentage.*1 to 100/],
    ['days', ['--since', '1d'], /--since.*1d/],
    ['a negative span', ['--since', '-1h'], /--since/],
    ['no timeout at all', ['--timeout=0s'], /--timeout.*longer than 0/],
    ['a negative timeout', ['--timeout=-5m'], /--timeout.*longer than 0/],
    ['a time that is none', ['--since-time', 'yesterday'], /--since-time.*yesterday/],
    ['a node with a slash', ['--node-name', 'a/b'], /--node-name/],
    ['a selector that is none', ['--node-selector', 'a in b'], /--node-selector/],
    ['a source folder that climbs', ['--source-dir', '/a/../b'], /--source-dir/],
    ['an output that is unknown', ['--output', 'yaml'], /--output.*json/],
    ['a flag that is unknown', ['--imag', 'a'], /--imag.*--image/],
    ['a flag without its value', ['--image'], /--image/],
  ])('%s', async (_, flags, expected) => {
    const { exitCode, stdout, stderr } = await run(['gather', ...flags]);
    expect({ exitCode, stdout, lines: stderr.trimEnd().split('\n').length }, stderr).toEqual({
      exitCode: 2,
      stdout: '',
      lines: 1,
    });
    expect(stderr).toMatch(expected);
  });
});

describe('no cluster: one line, exit 1', () => {
  test('nobody answers', async () => {
    const { exitCode, stderr } = await run(['gather', '--image', 'a', '--request-timeout', '2s']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^muster: .*127\.0\.0\.1:9.*\n$/);
    expect(stderr).not.toContain('canary-token');
  });

  test.each<[string, string[]]>([
    ['a context that is unknown', ['--context', 'elsewhere']],
    ['a kubeconfig that is not there', ['--kubeconfig', '/nonexistent/kubeconfig']],
  ])('%s', async (_, flags) => {
    const { exitCode, stderr } = await run(['gather', '--image', 'a', ...flags]);
    expect(exitCode).toBe(1);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/elsewhere|\/nonexistent\/kubeconfig/);
  });
});

describe('help', () => {
  test('muster alone shows the commands', async () => {
    const { exitCode, stdout, stderr } = await run([]);
    expect(exitCode).toBe(2);
    expect(stdout + stderr).toMatch(/gather.*inspect.*verify.*view/s);
  });

  test('gather --help has every flag of oc, and the exit codes', async () => {
    const { exitCode, stdout } = await run(['gather', '--help']);
    expect(exitCode).toBe(0);
    for (const flag of 'image image-stream all-images node-name node-selector host-network run-namespace dest-dir source-dir timeout volume-percentage since since-time kubeconfig context'.split(
      ' ',
    )) {
      expect(stdout).toContain(`--${flag}`);
    }
    expect(stdout).toMatch(/4 +partial/);
  });

  test('--version', async () => {
    expect((await run(['--version'])).stdout).toMatch(/^muster \d+\.\d+\.\d+/);
  });
});

describe('archives that cannot be read', () => {
  test.each([['verify'], ['view']])('%s of a file that is not there', async (command) => {
    const { exitCode, stderr } = await run([command, '/nonexistent/archive.tar.gz']);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/^muster: .*nonexistent.*\n$/);
  });
});
