import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AccessWorld, secrets, startAccessWorld } from '../../test/sandbox/access-world.ts';
import { type TestTimers, testTimers } from '../kube/test-server.ts';
import { shakeHands, startTlsServer } from './test-tls.ts';
import type { ServerTls } from './tls.ts';
import { folderKeeper, secretKeeper, TLS_SECRET } from './tls-keepers.ts';
import { openMadeTls, serviceNames, type TlsKeeper } from './tls-made.ts';

const DAY_MS = 24 * 3_600_000;
let timers: TestTimers;
let said: string[] = [];
const opened: ServerTls[] = [];
const open = async (keeper: TlsKeeper, names: readonly string[] = serviceNames('muster', 'support')) => {
  const tls = await openMadeTls({ keeper, names, timers, say: (line) => said.push(line) });
  opened.push(tls);
  return tls;
};

beforeEach(() => {
  // The handshakes are made by the machine's own clock.
  timers = testTimers(Date.now());
  said = [];
});
afterEach(() => {
  for (const tls of opened.splice(0)) tls.close();
});

describe('kept in a Secret', () => {
  let world: AccessWorld;
  let namespace = '';
  const keeper = () => secretKeeper(world.admin, namespace);
  const data = async () => (await world.admin.get(secrets, TLS_SECRET, { namespace })).data as Record<string, string>;
  beforeAll(async () => {
    world = await startAccessWorld();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    namespace = await world.makeNamespace();
  });

  test.each(['muster.support.svc', 'muster', 'localhost', 'muster.example.org'])('a caller of %s', async (name) => {
    const tls = await open(keeper(), [...serviceNames('muster', 'support'), 'muster.example.org', '10.1.2.3']);
    const { port, close } = await startTlsServer(tls);
    await expect(shakeHands(port, tls.caPem() ?? '', name)).resolves.toMatch(/^[0-9A-F]+$/);
    await expect(shakeHands(port, tls.caPem() ?? '', 'other.example.org')).rejects.toThrow(/altnames/);
    close();
  });

  test.each([1, 14, -14])('a server whose clock is %s hours ahead of its callers', async (hours) => {
    timers = testTimers(Date.now() + hours * 3_600_000);
    const tls = await open(keeper());
    const { port, close } = await startTlsServer(tls);
    await expect(shakeHands(port, tls.caPem() ?? '', 'muster')).resolves.toMatch(/^[0-9A-F]+$/);
    close();
  });

  test('addresses are names too, and the authority signs servers only', async () => {
    const tls = await open(keeper(), ['10.1.2.3', '[fd00::1]', 'Muster.Example.']);
    const certificate = new X509Certificate(tls.options().cert);
    expect(['10.1.2.3', 'fd00::1', '127.0.0.1', '::1'].map((ip) => certificate.checkIP(ip) !== undefined)).toEqual(
      Array(4).fill(true),
    );
    expect(certificate.checkHost('muster.example')).toBeDefined();
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(new X509Certificate(tls.caPem() ?? '').ca).toBe(true);
  });

  test('five replicas that start at once present the same certificate, and so does one that comes later', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => open(keeper())));
    all.push(await open(keeper()));
    expect(new Set(all.map((tls) => tls.options().cert)).size).toBe(1);
    expect(new Set(all.map((tls) => tls.caPem())).size).toBe(1);
    expect(said).toHaveLength(1);
    expect(Buffer.from((await data())['tls.crt'] ?? '', 'base64').toString()).toBe(all[0]?.options().cert);
  });

  test('renewed after 60 of 90 days, by one replica, under the same authority', async () => {
    const made = await open(keeper());
    const [first, ca] = [made.options().cert, made.caPem()];
    timers = testTimers(Date.now() + 59 * DAY_MS);
    expect((await open(keeper())).options().cert).toBe(first);
    timers = testTimers(Date.now() + 60 * DAY_MS);
    const [renewed, other] = await Promise.all([open(keeper()), open(keeper())]);
    expect(renewed.options().cert).not.toBe(first);
    expect(renewed.options()).toEqual(other.options());
    expect(renewed.caPem()).toBe(ca);
  });

  test('a replica that runs presents what another one made, within a minute', async () => {
    const tls = await open(keeper());
    const { port, close } = await startTlsServer(tls);
    const before = await shakeHands(port, tls.caPem() ?? '');
    const wider = await open(keeper(), ['muster.example.org']);
    await timers.advance(60_000);
    await expect.poll(() => tls.options().cert).toBe(wider.options().cert);
    expect(await shakeHands(port, tls.caPem() ?? '', 'muster.example.org')).not.toBe(before);
    // It has the first one's names as well, so the two do not undo each other's work.
    const certificate = new X509Certificate(tls.options().cert);
    expect(certificate.checkHost('muster.support.svc')).toBeDefined();
    await timers.advance(600_000);
    expect(wider.options().cert).toBe(tls.options().cert);
    expect(said).toHaveLength(2);
    close();
  });

  test('an authority that would die before a new certificate is made anew', async () => {
    const old = await open(keeper());
    timers = testTimers(Date.now() + 9.9 * 365 * DAY_MS);
    const renewed = await open(keeper());
    expect(renewed.caPem()).not.toBe(old.caPem());
    const [certificate, ca] = [renewed.options().cert, renewed.caPem() ?? ''].map((pem) => new X509Certificate(pem));
    expect(ca !== undefined && certificate?.verify(ca.publicKey)).toBe(true);
  });

  test('a Secret that somebody broke is told and made anew; one that was deleted comes again', async () => {
    const tls = await open(keeper());
    const first = tls.options().cert;
    await world.admin.patch(secrets, TLS_SECRET, 'merge', { data: { 'tls.key': 'bm9uZQ==' } }, { namespace });
    await timers.advance(60_000);
    await expect.poll(() => tls.options().cert).not.toBe(first);
    expect(said[1]).toMatch(/made anew: /);
    await world.admin.remove(secrets, TLS_SECRET, { namespace });
    await timers.advance(60_000);
    await expect.poll(() => said).toHaveLength(4);
    expect(Object.keys(await data())).toHaveLength(4);
  });

  test('where the cluster refuses, the start fails; later it is told and the certificate stays', async () => {
    await world.makeAccount(namespace, 'nobody');
    const nobody = await world.as(namespace, 'nobody');
    await expect(open(secretKeeper(nobody, namespace))).rejects.toMatchObject({ status: 403 });
    const own = keeper();
    let reads = true;
    const tls = await open({ ...own, read: () => (reads ? own.read() : secretKeeper(nobody, namespace).read()) });
    const first = tls.options().cert;
    reads = false;
    await timers.advance(60_000);
    await expect.poll(() => said[1]).toMatch(/could not be looked after: .*secrets/);
    expect(tls.options().cert).toBe(first);
    expect(said.join()).not.toContain('PRIVATE');
  });
});

describe('kept in a folder', () => {
  let folder = '';
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'muster-tls-')), 'tls');
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true }));

  test('the next start presents the same; ca.crt is what callers need, and the keys are their owner’s alone', async () => {
    const tls = await open(folderKeeper(folder), []);
    const { port, close } = await startTlsServer(tls);
    await shakeHands(port, await readFile(join(folder, 'ca.crt'), 'utf8'));
    close();
    expect((await open(folderKeeper(folder), [])).options()).toEqual(tls.options());
    expect((await stat(join(folder, `${TLS_SECRET}.json`))).mode & 0o777).toBe(0o600);
  });

  test('a file that is none is told and made anew', async () => {
    const first = await open(folderKeeper(folder), []);
    await writeFile(join(folder, `${TLS_SECRET}.json`), '{');
    expect((await open(folderKeeper(folder), [])).options()).not.toEqual(first.options());
    expect(said[1]).toContain('made anew');
  });

  test('a start that was killed between its two files is made up for by the next', async () => {
    await mkdir(join(folder, 'ca.crt'), { recursive: true });
    await expect(open(folderKeeper(folder), [])).rejects.toMatchObject({ code: 'DestinationFailed' });
    await rm(join(folder, 'ca.crt'), { recursive: true });
    const tls = await open(folderKeeper(folder), []);
    expect(await readFile(join(folder, 'ca.crt'), 'utf8')).toBe(tls.caPem());
    expect((await readdir(folder)).sort()).toEqual(['ca.crt', `${TLS_SECRET}.json`]);
  });

  test('a folder that cannot be made is refused by name', async () => {
    await writeFile(folder, 'a file');
    await expect(open(folderKeeper(folder), [])).rejects.toMatchObject({ code: 'DestinationFailed' });
  });
});
