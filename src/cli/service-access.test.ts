import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueCertificate, makeAuthority } from '../server/certificates.ts';
import { openService, type ServiceAccessFlags } from './service-access.ts';

let folder = '';
let url = '';
let seen: (string | undefined)[] = [];
const closing: (() => unknown)[] = [];
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-access-'));
  const authority = await makeAuthority(Date.now());
  const { certificatePem, keyPem } = await issueCertificate(authority, ['127.0.0.1'], Date.now());
  await writeFile(file('ca.crt'), authority.certificatePem);
  const server = createHttps({ cert: certificatePem, key: keyPem }, (request, response) => {
    seen.push(request.headers.authorization);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = (user: object) =>
    JSON.stringify({
      'current-context': 'one',
      clusters: [{ name: 'one', cluster: { server: 'https://api.example:6443' } }],
      contexts: ['one', 'two'].map((name) => ({ name, context: { cluster: 'one', user: name } })),
      users: [
        { name: 'one', user },
        { name: 'two', user: { token: 'of-two' } },
      ],
    });
  await writeFile(file('token'), 'of-file\n');
  await writeFile(file('with-token'), kubeconfig({ token: 'of-kubeconfig' }));
  await writeFile(
    file('with-plugin'),
    kubeconfig({
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', interactiveMode: 'Never' },
    }),
  );
  await writeFile(file('without'), kubeconfig({ username: 'ada', password: 'canary' }));
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'of-plugin' },
  };
  await writeFile(file('plugin'), `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`, { mode: 0o755 });
});
afterAll(async () => {
  for (const close of closing) await close();
  await rm(folder, { recursive: true });
});

async function ask(flags: ServiceAccessFlags, env: Record<string, string> = {}) {
  seen = [];
  const service = await openService({ url, caFile: file('ca.crt'), ...flags }, { HOME: folder, ...env });
  try {
    await service.json('GET', '/');
  } finally {
    service.close();
  }
  return seen[0];
}

test('the token: of the file, else of the variable, else of the kubeconfig', async () => {
  const env = { MUSTER_TOKEN: 'of-variable', KUBECONFIG: file('with-token') };
  expect(await ask({ tokenFile: file('token') }, env)).toBe('Bearer of-file');
  expect(await ask({}, env)).toBe('Bearer of-variable');
  expect(await ask({}, { ...env, MUSTER_TOKEN: '' })).toBe('Bearer of-kubeconfig');
  expect(await ask({ kubeconfig: file('with-token'), context: 'two' })).toBe('Bearer of-two');
  expect(await ask({ kubeconfig: file('with-plugin') })).toBe('Bearer of-plugin');
});

test('a kubeconfig without one, or none at all: the way to a token is told, and no password', async () => {
  const how = /token.*--token-file or MUSTER_TOKEN, such as from "kubectl create token ACCOUNT"/;
  for (const name of ['without', 'nowhere']) {
    const asked = ask({ kubeconfig: file(name) });
    await expect(asked).rejects.toMatchObject({ code: 'CredentialsRejected', message: expect.stringMatching(how) });
    await expect(asked).rejects.not.toThrow(/canary/);
  }
});

test('over plain HTTP no token of a kubeconfig is sent, only one that was given', async () => {
  const heard: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers.authorization);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const plain = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await ask({ url: plain }, { KUBECONFIG: file('with-token') });
  await ask({ url: plain }, { MUSTER_TOKEN: 'given' });
  expect(heard).toEqual([undefined, 'Bearer given']);
  server.closeAllConnections();
  server.close();
});

test('the authority: of the flag, else of the variable; a file that is not there is told by its flag', async () => {
  const env = { MUSTER_TOKEN: 't', MUSTER_CA_FILE: file('ca.crt'), MUSTER_URL: url };
  const service = await openService({}, env);
  expect((await service.json('GET', '/')).body).toEqual({});
  service.close();
  await expect(ask({ caFile: file('none') }, env)).rejects.toMatchObject({ field: '--ca-file' });
});
