import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { validateSpec } from '../report/spec.ts';
import type { Phase } from '../report/status.ts';
import type { Reports } from '../server/reports.ts';
import { someBytes, startService, type TestService } from '../server/test-reports.ts';
import { startCuttingProxy } from './test-cutting-proxy.ts';
import { type RunOptions, runMuster } from './test-program.ts';

const bin = join(import.meta.dirname, 'bin.ts');
let folder = '';
let service: TestService;
const never = new AbortController().signal;
const env = () => ({ MUSTER_URL: service.url, MUSTER_TOKEN: 'good', HOME: folder });
const report = (args: readonly string[], options: RunOptions = {}) =>
  runMuster(['report', ...args], { env: env(), ...options });
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function start(changes: Partial<Reports> = {}): Promise<void> {
  await service?.close();
  service = await startService(changes);
}
async function made(custom?: string, phase?: Phase, archive?: Buffer): Promise<number> {
  const { spec } = validateSpec({ customName: custom });
  const id = (await service.reports.create(spec, { username: 'ada' }, never)).status?.id ?? 0;
  if (phase !== undefined) service.reports.end(id, phase, archive);
  return id;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-report-'));
  await start();
});
afterEach(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

describe('create', () => {
  test('asks with the flags of gather, and says the number', async () => {
    const flags = '--image a/b --image c --since 2h --timeout 30m --name nightly --delete-after never --keep';
    const { exitCode, stdout, stderr } = await report(['create', ...flags.split(' '), '--', 'gather', '--all']);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'Report 1\n', stderr: '' });
    const [created] = [...service.reports.list()];
    expect(created?.spec).toMatchObject({
      images: ['a/b', 'c'],
      since: '2h0m0s',
      timeout: '30m0s',
      customName: 'nightly',
      deleteAfter: 'never',
      keepNamespace: true,
      command: 'gather --all',
    });
  });

  test('--server is the cluster to gather', async () => {
    await report(['create', '--server', 'https://api.example:6443']);
    expect([...service.reports.list()][0]?.spec.server).toBe('https://api.example:6443');
  });

  test('-o json is what the service answered', async () => {
    const { stdout } = await report(['create', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ id: 1, status: 'new', 'exec-output': '' });
  });

  test.each([
    [['--timeout', '1d'], /--timeout/],
    [['--name', 'a/b'], /--name/],
    [['--delete-after', 'soon'], /--delete-after/],
    [['--server', 'api'], /--server/],
    [['--image', 'a', '--all-images'], /--all-images.*--image/],
  ])('%j is refused before anything is sent', async (flags, message) => {
    const { exitCode, stderr } = await report(['create', ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect([...service.reports.list()]).toHaveLength(0);
  });

  test.each<[Phase, number]>([
    ['Completed', 0],
    ['Partial', 4],
  ])('--download waits for the end: %s is exit code %i, and the archive is there', async (phase, expected) => {
    const archive = someBytes(200_000);
    const running = report(['create', '--name', 'mine', '--download', '-f', folder]);
    await expect.poll(() => [...service.reports.list()].length).toBe(1);
    service.reports.end(1, phase, archive);
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode, stderr).toBe(expected);
    const file = join(folder, 'must-gather-mine.tar.gz');
    expect(await readFile(file)).toEqual(archive);
    expect(stdout).toContain(`Archive  ${file}   sha256:${sha256(archive)}\n`);
    expect(stdout).toMatch(new RegExp(`Phase +${phase}`));
  });

  test.each<[Phase, number]>([
    ['Failed', 1],
    ['Cancelled', 130],
  ])('--download of what ends %s is exit code %i, with no file', async (phase, expected) => {
    const running = report(['create', '--download', '-f', folder, '-o', 'json']);
    await expect.poll(() => [...service.reports.list()].length).toBe(1);
    service.reports.end(1, phase);
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(expected);
    expect(JSON.parse(stdout)).toMatchObject({ id: 1, phase });
    expect(JSON.parse(stdout)).not.toHaveProperty('file');
  });

  test('an answer that is lost: asked once, and told that the report may be there', async () => {
    const proxy = await startCuttingProxy(service.url, () => 10);
    const { exitCode, stderr } = await report(['create'], { env: { ...env(), MUSTER_URL: proxy.url } });
    await proxy.close();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/may have been made all the same/);
    expect([...service.reports.list()]).toHaveLength(1);
    const gone = await report(['create'], { env: { ...env(), MUSTER_URL: 'http://127.0.0.1:9' } });
    expect(gone.stderr).toMatch(/ECONNREFUSED/);
    expect(gone.stderr).not.toMatch(/all the same/);
  });

  test('Ctrl-C while waiting leaves the report to itself, and says so', async () => {
    const interrupt = new AbortController();
    const running = report(['create', '--wait'], { interrupt: interrupt.signal });
    await expect.poll(() => [...service.reports.list()].length).toBe(1);
    interrupt.abort(new Error('interrupted'));
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/Report 1 goes on without you/);
    expect(service.audits.map(({ action }) => action)).toEqual(['create']);
  });
});

describe('list', () => {
  test('a table, oldest first', async () => {
    await made('nightly', 'Completed', someBytes(1_200_000));
    await made(undefined, 'Failed');
    await made('a\u202e evil');
    const { stdout } = await report(['list'], { nowMs: Date.parse('2026-11-21T10:05:00Z') });
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['ID', 'NAME', 'PHASE', 'PROGRESS', 'ARCHIVE', 'AGE', 'REQUESTED BY'],
      ['1', 'nightly', 'Completed', '1 MB', '1h 05m', 'ada'],
      ['2', 'Failed', '1h 05m', 'ada'],
      ['3', 'a\\u202e evil', 'New', '1h 05m', 'ada'],
      [''],
    ]);
  });

  test('all of 1,201, page by page, as JSON', async () => {
    for (let count = 0; count < 1201; count += 1) await made();
    const { stdout } = await report(['list', '-o', 'json']);
    const ids = (JSON.parse(stdout) as { id: number }[]).map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 1201 }, (_, index) => index + 1));
  });

  test('none', async () => {
    expect((await report(['list'])).stdout.split('\n')).toHaveLength(2);
    expect((await report(['list', '-o', 'json'])).stdout).toBe('[]\n');
  });
});

describe('get', () => {
  test('a report and its gathers, by number and by name', async () => {
    const id = await made('nightly', 'Partial', someBytes(1000));
    const gathers = [
      { name: 'cluster', image: 'q/a', phase: 'Done', files: 3, bytes: 1e6 },
      { name: 'storage', image: 'q/b', phase: 'Failed', message: 'exit code 3: no disk' },
    ];
    const [found] = [...service.reports.list()];
    Object.assign(found?.status ?? {}, { gathers, progress: { percent: 100, step: 'done', files: 3, bytes: 1e6 } });
    for (const key of [String(id), 'nightly']) {
      const { stdout } = await report(['get', key]);
      expect(stdout).toMatch(/^Report +1 +nightly\nPhase +Partial\n/);
      expect(stdout).toMatch(/Progress +100%, done\n/);
      expect(stdout).toMatch(/Archive +must-gather-nightly\.tar\.gz +1 kB +sha256:[0-9a-f]{64}\n/);
      expect(stdout).toMatch(/✔ cluster +q\/a.*\n✖ storage +exit code 3: no disk\n$/);
    }
    expect(JSON.parse((await report(['get', '1', '-o', 'json'])).stdout)).toMatchObject({ gathers });
  });

  test('one that is not there: the words of the service, what to do, exit 2', async () => {
    expect(await report(['get', 'gone/../x'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'muster: There is no report "gone/../x". Check the name and ask again.\n',
    });
  });
});

describe('logs', () => {
  const logged = (text: string[]): Partial<Reports> => ({
    async *logs(_report, { follow, gather }) {
      yield `[a] ${follow} ${gather}\n`;
      for (const piece of text) yield piece;
    },
  });
  const withGather = async () => {
    await made();
    Object.assign([...service.reports.list()][0]?.status ?? {}, {
      gathers: [{ name: 'a', image: 'q', phase: 'Running' }],
    });
  };

  test('as they come, without the empty lines that keep the connection up', async () => {
    await start(logged(['\n', '[a] o', 'ne\n\n', '[a] \n[a] two']));
    await withGather();
    expect((await report(['logs', '1', '-f', '--gather', 'a'])).stdout).toBe('[a] true a\n[a] one\n[a] \n[a] two\n');
    expect((await report(['logs', '1'])).stdout).toContain('[a] false undefined\n');
  });

  test('on a terminal nothing of a log is a command to it', async () => {
    await start(logged(['[a] \u001b]0;owned\u0007\n']));
    await withGather();
    const { stdout } = await report(['logs', '1'], { isTTY: true });
    expect(stdout).toBe('[a] false undefined\n[a]  ]0;owned \n');
  });

  test('end in order with their reader, as with | head', async () => {
    await start(logged(Array.from({ length: 200 }, (_, at) => `[a] ${at} ${'x'.repeat(10_000)}\n`)));
    await withGather();
    const child = spawn(process.execPath, [bin, 'report', 'logs', '1'], { env: { ...process.env, ...env() } });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const [exitCode] = await once(child, 'close');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('a log that breaks off is no log that ended', async () => {
    await start({
      async *logs() {
        yield '[a] one\n';
        await new Promise((resolve) => setTimeout(resolve, 50));
        throw new Error('cut');
      },
    });
    await made();
    const { exitCode, stdout, stderr } = await report(['logs', '1', '-f']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '[a] one\n' });
    expect(stderr).toMatch(/cannot be reached/);
  });
});

describe('download', () => {
  test('the whole of it, with lines for progress, and a name for the file', async () => {
    const archive = someBytes(3_000_000);
    await made('nightly', 'Completed', archive);
    const { exitCode, stdout, stderr } = await report(['download', 'nightly', '-f', folder]);
    const file = join(folder, 'must-gather-nightly.tar.gz');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `Archive  ${file}   sha256:${sha256(archive)}\n` });
    expect(await readFile(file)).toEqual(archive);
    expect(stderr).toMatch(/^Fetching must-gather-nightly\.tar\.gz, 3 MB\n(\d+% .*\n)*100% {2}3 MB of 3 MB\n$/);
    const again = await report(['download', '1', '-f', file]);
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/is there already; --force/) });
    expect((await report(['download', '1', '-f', file, '--force'])).exitCode).toBe(0);
  });

  test('of a report that still runs', async () => {
    await made();
    expect(await report(['download', '1', '-f', folder])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/Report 1 has no archive \(New\)/),
    });
  });
});

test('verify asks the service to read the archive, and says how it is', async () => {
  await made('one');
  expect(await report(['verify', 'one'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/no archive yet/),
  });
  service.reports.end(1, 'Completed', Buffer.from('archive'));
  const { stdout, exitCode } = await report(['verify', 'one']);
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/^The archive of report one is whole {2}sha256:[0-9a-f]{64}\n$/),
  ]);
});

test('cancel, retry, delete, and what the service says when it is too late', async () => {
  await made('one');
  expect((await report(['cancel', 'one'])).stdout).toBe('Report 1 is being cancelled\n');
  expect(await report(['cancel', '1'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/has ended already/),
  });
  expect((await report(['retry', '1'])).stdout).toBe('Report 2\n');
  expect((await report(['delete', '2'])).stdout).toBe('Report 2 is being deleted\n');
  expect([...service.reports.list()]).toEqual([]);
  expect(service.audits.map(({ action, id }) => `${action} ${id}`)).toEqual(['cancel 1', 'retry 2', 'delete 2']);
});

describe('who asks, and whom', () => {
  test.each<[string, Record<string, string>, number, RegExp]>([
    ['no token', { MUSTER_TOKEN: '' }, 1, /A bearer token is needed: .*\. Log in again/],
    ['a bad token', { MUSTER_TOKEN: 'bad' }, 1, /Log in again/],
    ['no rights', { MUSTER_TOKEN: 'weak' }, 1, /bob is no cluster-admin, .*\. Ask as a cluster-admin/],
    [
      'a token that is none',
      { MUSTER_TOKEN: 'canary\u0000x' },
      2,
      /^(?!.*canary)muster: MUSTER_TOKEN: .*no bearer token/,
    ],
    ['no address', { MUSTER_URL: '' }, 2, /--url: .*MUSTER_URL/],
    ['an address that is none', { MUSTER_URL: 'muster' }, 2, /MUSTER_URL: "muster"/],
    ['an address with a password', { MUSTER_URL: 'https://a:canary@b' }, 2, /^(?!.*canary).*MUSTER_URL: /],
    ['plain HTTP to elsewhere', { MUSTER_URL: 'http://muster.example' }, 2, /MUSTER_URL: without https/],
    ['nobody there', { MUSTER_URL: 'http://127.0.0.1:9' }, 1, /127\.0\.0\.1:9 cannot be reached: .*ECONNREFUSED/],
  ])('%s', async (_, more, exitCode, message) => {
    const result = await report(['list'], { env: { ...env(), ...more } });
    expect(result).toMatchObject({ exitCode, stdout: '', stderr: expect.stringMatching(message) });
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('--token-file and --url win over the variables', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'good\n');
    const flags = ['--token-file', file, '--url', `${service.url}/`];
    expect(
      (await report(['list', ...flags], { env: { MUSTER_TOKEN: 'bad', MUSTER_URL: 'http://127.0.0.1:9' } })).exitCode,
    ).toBe(0);
    expect((await report(['list', '--token-file', join(folder, 'none')])).stderr).toMatch(/--token-file: .*ENOENT/);
  });
});
