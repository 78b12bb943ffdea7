import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { archiveIn, muster, scratch, untar } from '../contract/command.ts';
import type { Fate, FaultyProxy } from './faulty-proxy.ts';
import { faultyProxy } from './faulty-proxy.ts';
import { image, leftovers, loadImages } from './muster.ts';

let folder = '';
let removeFolder: () => Promise<void>;
let proxy: FaultyProxy | undefined;

beforeAll(() => loadImages(['good']));
beforeEach(async () => {
  const made = await scratch();
  folder = made.folder;
  removeFolder = made.remove;
});
afterEach(async () => {
  await proxy?.close();
  await removeFolder();
  expect(await leftovers()).toEqual([]);
});

/** Gathers the good image through a way on which the first requests that match go wrong; all of it must come anyway. */
async function gatherThrough(faults: readonly { readonly match: RegExp; readonly fates: Fate[] }[]): Promise<string> {
  proxy = await faultyProxy((method, path) => {
    const fault = faults.find(({ match }) => match.test(`${method} ${path}`));
    return fault?.fates.shift() ?? 'pass';
  });
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(twoContexts(proxy.url)));
  const { exitCode, stdout, stderr } = await muster(
    ['gather', '--kubeconfig', kubeconfig, '--context', 'meant', '--image', image('good')],
    folder,
  );
  expect(exitCode, stdout + stderr).toBe(0);
  expect(
    faults.map(({ fates }) => fates.length),
    'faults that never came to pass',
  ).toEqual(faults.map(() => 0));
  const top = await untar(await archiveIn(folder), folder);
  const [gather = ''] = (await readdir(top)).filter((name) => name.includes('sha256'));
  execFileSync('sha256sum', ['--quiet', '-c', 'SHA256SUMS'], { cwd: join(top, gather) });
  expect(readFileSync(join(top, gather, 'gather.logs'), 'utf8')).toMatch(/^\S+Z gathered everything\n$/);
  return stdout;
}

/** The current context leads nowhere: whatever forgets about --context fails. */
function twoContexts(server: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'other',
    clusters: [
      { name: 'meant', cluster: { server } },
      { name: 'other', cluster: { server: 'http://127.0.0.1:9' } },
    ],
    users: [{ name: 'nobody', user: {} }],
    contexts: ['meant', 'other'].map((name) => ({ name, context: { cluster: name, user: 'nobody' } })),
  };
}

test.each<[string, RegExp, number]>([
  ['a 429 when the pod is created', /^POST .*\/pods\?|^POST .*\/pods$/, 429],
  ['a 403 when the pods are first listed', /^GET .*\/pods\?(?!.*watch=)/, 403],
  ['a 404 when the pods are watched', /^GET .*\/pods\?.*watch=(true|1)/, 404],
  ['a 403 when the pods are watched', /^GET .*\/pods\?.*watch=(true|1)/, 403],
  ['a 410 when the pods are watched', /^GET .*\/pods\?.*watch=(true|1)/, 410],
  ['a 500 when the log is asked for', /^GET .*\/log\?/, 500],
  ['a 500 when a command is to run in the pod', /^GET .*\/exec\?/, 500],
])('one answer that is wrong does not end a run: %s', async (_, match, status) => {
  await gatherThrough([{ match, fates: [{ status }] }]);
});

test('connections that are cut: the copy, the log and the watch are carried on', async () => {
  const stdout = await gatherThrough([
    { match: /^GET .*\/exec\?.*tar/, fates: [{ cutAfterBytes: 200_000 }, { cutAfterBytes: 400_000 }] },
    { match: /^GET .*\/log\?/, fates: [{ cutAfterBytes: 10 }] },
    { match: /^GET .*\/pods\?.*watch=(true|1)/, fates: [{ cutAfterBytes: 100 }] },
  ]);
  expect(stdout).toContain('going on with what is missing');
});

test('the fallback asks the cluster of --context, not the current one', async () => {
  proxy = await faultyProxy(() => 'pass');
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(twoContexts(proxy.url)));
  const flags = ['--kubeconfig', kubeconfig, '--context', 'meant', '--image', image('absent'), '--timeout', '8s'];
  const { exitCode, stdout } = await muster(['gather', ...flags], folder);
  expect(exitCode, stdout).toBe(1);
  const top = await untar(await archiveIn(folder), folder);
  const [fallback = ''] = (await readdir(top)).filter((name) => name.startsWith('inspect.local.'));
  expect(await readdir(join(top, fallback, 'namespaces'))).toContain('kube-system');
});
