import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { archiveIn, muster, scratch, untar } from '../contract/command.ts';
import { image, kubectl } from './muster.ts';
import { type Recorder, startRecorder } from './recorder.ts';

const READER = 'muster-test-reader';
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
let folder = '';
let removeFolder: () => Promise<void>;
let recorder: Recorder;
let stopRecorder: () => Promise<void>;

beforeAll(async () => {
  const made = await scratch();
  recorder = await startRecorder(made.folder);
  stopRecorder = async () => {
    await recorder.close();
    await made.remove();
  };
});
afterAll(() => stopRecorder());
beforeEach(async () => {
  const made = await scratch();
  folder = made.folder;
  removeFolder = made.remove;
});
afterEach(() => removeFolder());

/** Runs a gather that is refused: one line on stderr, no archive, and the cluster was only read. */
async function refused(exitCode: number, flags: readonly string[], expected: RegExp, server = recorder.url) {
  recorder.taken();
  const before = await readdir(folder);
  const ran = await muster(['gather', '--server', server, ...flags], folder);
  expect(ran).toMatchObject({ exitCode, stdout: '' });
  expect(ran.stderr).toMatch(expected);
  expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(recorder.taken().filter((line) => !/^GET |^POST .*\/selfsubjectaccessreviews$/.test(line))).toEqual([]);
  expect(await readdir(folder)).toEqual(before);
}

const good = ['--image', image('good')];

describe('bad input that only the cluster or this machine can tell: exit 2, one line with the flag, nothing created', () => {
  test('a node that does not exist', () =>
    refused(2, [...good, '--node-name', 'nowhere'], /--node-name.*"nowhere" does not exist/));

  test('a namespace that does not exist', () =>
    refused(2, [...good, '--run-namespace', 'nowhere'], /--run-namespace.*"nowhere" does not exist/));

  test('a selector without a match', () =>
    refused(2, [...good, '--node-selector', 'muster.dev/none=here'], /--node-selector.*muster\.dev\/none=here/));

  test('an archive below a file', async () => {
    writeFileSync(join(folder, 'taken'), '');
    await refused(2, [...good, '--archive', 'taken/report.tar.gz'], /--archive.*taken/);
  });

  test('an archive that is a folder', async () => {
    mkdirSync(join(folder, 'taken'));
    await refused(2, [...good, '--archive', 'taken'], /--archive.*taken.*folder/);
  });

  test('a folder below a file', async () => {
    writeFileSync(join(folder, 'taken'), '');
    await refused(2, [...good, '--dest-dir', 'taken/out'], /--dest-dir.*taken/);
  });

  test("a folder on another host, in rsync's spelling", () =>
    refused(2, [...good, '--dest-dir', 'host:out'], /--dest-dir.*":"/));

  test.skipIf(!canMount)('a full disk', async () => {
    const small = join(folder, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    try {
      await refused(2, [...good, '--archive', 'small/report.tar.gz'], /--archive.*small.*bytes free/);
      await refused(2, [...good, '--dest-dir', 'small'], /--dest-dir.*small.*bytes free/);
    } finally {
      execFileSync('umount', [small]);
    }
  });

  test('a command on a cluster that has no gather image to run it in', () =>
    refused(2, ['--', 'ls', '/'], /--image.*a command needs a gather image/));
});

describe('whom the cluster does not let: exit 1, one line, nothing created', () => {
  test('credentials that it does not know', async () => {
    const config = JSON.parse(await kubectl('config', 'view', '--raw', '--minify', '-o', 'json'));
    const [{ name }] = config.users;
    config.users = [{ name, user: { token: 'canary-of-an-expired-token' } }];
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, JSON.stringify(config));
    const { server } = config.clusters[0].cluster;
    await refused(1, [...good, '--kubeconfig', kubeconfig], /Log in again\.$/m, server);
    const { stderr } = await muster(['gather', ...good, '--kubeconfig', kubeconfig], folder);
    expect(stderr).not.toContain('canary');
  });

  test('nobody in particular: the right that lacks is named', () =>
    refused(1, [...good, '--as', 'muster-test-nobody'], /nodes.*Ask as a cluster-admin/));

  test('a context that is unknown', () => refused(1, [...good, '--context', 'elsewhere'], /elsewhere.*--context/));

  describe('somebody who may only read', () => {
    beforeAll(async () => {
      await kubectl('create', 'clusterrole', READER, '--verb=get,list,watch', '--resource=*.*');
      await kubectl('create', 'clusterrolebinding', READER, `--clusterrole=${READER}`, `--user=${READER}`);
    });
    afterAll(async () => {
      await kubectl('delete', 'clusterrole,clusterrolebinding', READER);
    });

    test('the right that lacks is named', () =>
      refused(1, [...good, '--as', READER], /create namespaces.*Ask as a cluster-admin/));

    test('with a run namespace, other rights are needed', () =>
      refused(
        1,
        [...good, '--run-namespace', 'default', '--as', READER],
        /create pods in namespace default.*Ask as a cluster-admin/,
      ));
  });
});

test('a cluster without a gather image: the built-in inspection, without a pod', async () => {
  recorder.taken();
  const { exitCode, stdout, stderr } = await muster(['gather', '--server', recorder.url, '--since', '1m'], folder);
  expect(exitCode, stdout + stderr).toBe(0);
  expect(recorder.taken().filter((line) => !line.startsWith('GET '))).toEqual([]);
  const archive = await archiveIn(folder);
  expect(await muster(['verify', archive], folder)).toMatchObject({ exitCode: 0 });
  const top = await untar(archive, folder);
  expect(await readFile(join(top, 'muster-inspect/version'), 'utf8')).toMatch(/^muster\/inspect\n\d+\.\d+\.\d+\n$/);
  expect(await readdir(join(top, 'muster-inspect/cluster-scoped-resources/core/nodes'))).not.toEqual([]);
  expect(await readdir(join(top, 'muster-inspect/namespaces'))).toEqual(
    expect.arrayContaining(['default', 'kube-system']),
  );
  expect(await readFile(join(top, 'timestamp'), 'utf8')).toMatch(/^(\S+ \S+ \+0000 UTC m=\+\S+\n){2}$/);
});
