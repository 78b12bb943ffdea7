import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestTimers, testTimers } from '../kube/test-server.ts';
import { issueCertificate, type KeyPair, makeAuthority } from './certificates.ts';
import { shakeHands, startTlsServer } from './test-tls.ts';
import type { ServerTls } from './tls.ts';
import { openTlsFiles } from './tls-files.ts';

let folder = '';
let timers: TestTimers;
let authority: KeyPair;
let said: string[] = [];
let opened: ServerTls | undefined;
const files = () => ({ certificateFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') });
const issue = () => issueCertificate(authority, ['localhost'], Date.now());
const write = async (pair: Partial<KeyPair>) => {
  if (pair.certificatePem !== undefined) await writeFile(files().certificateFile, pair.certificatePem);
  if (pair.keyPem !== undefined) await writeFile(files().keyFile, pair.keyPem);
};
const open = async () => {
  opened = await openTlsFiles({ ...files(), timers, say: (line) => said.push(line) });
  return opened;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-tls-'));
  timers = testTimers();
  said = [];
  authority = await makeAuthority(Date.now());
  await write(await issue());
});
afterEach(async () => {
  opened?.close();
  await rm(folder, { recursive: true });
});

describe('a server with certificate and key from files', () => {
  test('presents a new pair within 10 s to whoever connects, and stays open for who is connected', async () => {
    const { port, close } = await startTlsServer(await open());
    const before = await shakeHands(port, authority.certificatePem);
    const agentless = { host: '127.0.0.1', port, ca: authority.certificatePem, servername: 'localhost' };
    const answer = await new Promise((resolve, reject) => {
      const slow = request({ ...agentless, method: 'POST' }, (response) => resolve(response.statusCode));
      slow.once('error', reject);
      slow.flushHeaders();
      // The connection is up before the change, and the request ends after it.
      slow.once('socket', (socket) =>
        socket.once('secureConnect', async () => {
          await write(await issue());
          await timers.advance(10_000);
          slow.end('late');
        }),
      );
    });
    expect(answer).toBe(200);
    await expect.poll(() => shakeHands(port, authority.certificatePem)).not.toBe(before);
    expect(said).toEqual([expect.stringContaining('presented from now on')]);
    close();
  });

  test('a pair that is swapped whole, as the kubelet swaps a mounted Secret', async () => {
    await rm(files().certificateFile);
    await rm(files().keyFile);
    const mount = async (name: string, pair: KeyPair) => {
      await writeFile(join(folder, `${name}.crt`), pair.certificatePem);
      await writeFile(join(folder, `${name}.key`), pair.keyPem);
      for (const kind of ['crt', 'key']) {
        await symlink(`${name}.${kind}`, join(folder, 'next'));
        await rename(join(folder, 'next'), join(folder, `tls.${kind}`));
      }
    };
    await mount('one', await issue());
    const tls = await open();
    const two = await issue();
    await mount('two', two);
    await timers.advance(10_000);
    await expect.poll(() => tls.options().cert).toBe(two.certificatePem);
  });

  test.each<[string, () => Promise<Partial<KeyPair>>]>([
    ['of two others', async () => ({ certificatePem: (await issue()).certificatePem })],
    ['without a certificate', async () => ({ certificatePem: '' })],
    ['cut short', async () => ({ keyPem: (await issue()).keyPem.slice(0, 90) })],
  ])('a new pair %s is told once, and the old one kept until there is a good one', async (_, broken) => {
    const tls = await open();
    const before = tls.options();
    await write(await broken());
    await timers.advance(30_000);
    await expect.poll(() => said).toEqual([expect.stringMatching(/not used, the old one stays: .*tls\.crt and/)]);
    expect(tls.options()).toEqual(before);
    const good = await issue();
    await write(good);
    await timers.advance(10_000);
    await expect.poll(() => tls.options()).toEqual({ cert: good.certificatePem, key: good.keyPem });
  });

  test('a file that goes away is told too', async () => {
    const tls = await open();
    await rm(files().keyFile);
    await timers.advance(10_000);
    await expect.poll(() => said).toEqual([expect.stringMatching(/--tls-key.*ENOENT/)]);
    expect(tls.options().key).toContain('PRIVATE KEY');
  });

  test('after close nothing is looked at', async () => {
    const tls = await open();
    const before = tls.options();
    tls.close();
    await write(await issue());
    await timers.advance(60_000);
    expect(tls.options()).toEqual(before);
  });
});

test.each<[string, Partial<KeyPair>, RegExp]>([
  ['no PEM', { certificatePem: 'hello' }, /--tls-cert.*tls\.crt and .*tls\.key are no pair/],
  ['an empty key', { keyPem: '' }, /--tls-cert.*no pair/],
])('at the start %s is refused, by the flag', async (_, pair, message) => {
  await write(pair);
  await expect(open()).rejects.toMatchObject({ code: 'InvalidInput', message: expect.stringMatching(message) });
});

test('at the start a file that is not there is refused, by its own flag', async () => {
  await rm(files().keyFile);
  await expect(open()).rejects.toMatchObject({ code: 'InvalidInput', field: '--tls-key' });
});
