import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { MusterError } from '../report/errors.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { toMusterError } from './errors.ts';
import { chooseCluster } from './kubeconfig.ts';
import { sendJson, sendStatus, startServer } from './test-server.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-connect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** JSON is YAML, so a kubeconfig can be written as an object. */
function kubeconfig(
  name: string,
  parts: { server?: string; user?: object; cluster?: object; context?: string },
): string {
  const path = join(folder, name);
  const context = parts.context ?? 'here';
  const config = {
    clusters: [{ name: 'c', cluster: { server: parts.server ?? 'http://127.0.0.1:1', ...parts.cluster } }],
    users: [{ name: 'u', user: parts.user ?? {} }],
    contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }],
    'current-context': context,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function refusal(options: Partial<ConnectOptions>): Promise<MusterError> {
  const outcome = await connect({ env: { HOME: folder }, ...options }).catch((error: unknown) => error);
  const error = toMusterError(outcome);
  expect(error.code).toBe('KubeconfigUnusable');
  expect(error.message).not.toContain('\n');
  return error;
}

/** Connects, asks once, and gives back the headers that arrived. */
async function headersSent(user: object, options: Partial<ConnectOptions> = {}) {
  let headers: Record<string, unknown> = {};
  const raw: string[] = [];
  const server = await startServer((request, response) => {
    headers = request.headers;
    raw.push(...request.rawHeaders);
    sendJson(response, {});
  });
  try {
    const kube = await connect({ kubeconfig: kubeconfig('one', { server: server.url, user }), env: {}, ...options });
    await kube.json('/version');
    await kube.close();
  } finally {
    await server.close();
  }
  return { headers, raw };
}

describe('which cluster', () => {
  it('merges the files of KUBECONFIG, the first to name a thing wins, and missing files are passed over', () => {
    const one = kubeconfig('a', { server: 'https://one', context: 'first' });
    const two = kubeconfig('b', { server: 'https://two', context: 'second' });
    const env = { KUBECONFIG: [join(folder, 'missing'), one, two].join(':') };
    expect(chooseCluster({ env })).toMatchObject({ contextName: 'first', cluster: { server: 'https://one' } });
    const second = chooseCluster({ env, context: 'second' });
    expect(second).toMatchObject({ contextName: 'second', cluster: { server: 'https://one' } });
    expect(chooseCluster({ env, kubeconfig: two }).contextName).toBe('second');
    expect(chooseCluster({ env, server: 'https://three/' }).cluster.server).toBe('https://three');
  });

  it('is the pod’s own without any file', () => {
    const pod = mkdtempSync(join(folder, 'pod-'));
    writeFileSync(join(pod, 'token'), 'secret\n');
    const env = {
      HOME: folder,
      KUBERNETES_SERVICE_HOST: 'fd00::1',
      KUBERNETES_SERVICE_PORT: '443',
      MUSTER_SERVICE_ACCOUNT_DIR: pod,
    };
    const choice = chooseCluster({ env });
    expect(choice).toMatchObject({ contextName: '', cluster: { server: 'https://[fd00::1]:443' } });
    expect(choice.user).toEqual({ tokenFile: join(pod, 'token') });
  });

  it('is told in one line when it cannot be known or used', async () => {
    expect((await refusal({})).message).toContain('No cluster is configured');
    expect((await refusal({ kubeconfig: join(folder, 'nope') })).message).toContain('nope');
    const path = kubeconfig('c', {});
    expect((await refusal({ kubeconfig: path, context: 'there' })).message).toContain('no context "there"');
    expect((await refusal({ kubeconfig: path, user: 'eve' })).message).toContain('no user "eve"');
    expect((await refusal({ server: 'api.example' })).message).toContain('not an http or https URL');
    const broken = join(folder, 'broken');
    writeFileSync(broken, 'users: [{name: u, user: {token: sha256~verysecret\n}');
    const error = await refusal({ kubeconfig: broken });
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain('verysecret');
    const lost = kubeconfig('d', { user: { 'client-certificate': 'gone.crt', 'client-key': 'gone.key' } });
    expect((await refusal({ kubeconfig: lost })).message).toContain('gone.crt');
    expect((await refusal({ kubeconfig: path, asGroups: ['g'] })).message).toContain('--as');
  });
});

describe('credentials', () => {
  it('are tokens, passwords, and impersonation with several groups', async () => {
    expect((await headersSent({ token: 't' })).headers.authorization).toBe('Bearer t');
    expect((await headersSent({ token: 't' }, { token: 'flag' })).headers.authorization).toBe('Bearer flag');
    const basic = `Basic ${Buffer.from('joe:pass').toString('base64')}`;
    expect((await headersSent({ username: 'joe', password: 'pass' })).headers.authorization).toBe(basic);
    const { raw } = await headersSent({ token: 't' }, { as: 'eve', asGroups: ['one', 'two'] });
    const sent = raw.flatMap((name, index) => (name.startsWith('Impersonate') ? [`${name}: ${raw[index + 1]}`] : []));
    expect(sent).toEqual(['Impersonate-User: eve', 'Impersonate-Group: one', 'Impersonate-Group: two']);
  });

  it('come from files whose last line break is no part of them', async () => {
    writeFileSync(join(folder, 'token'), 'from-file\n');
    expect((await headersSent({ tokenFile: 'token' })).headers.authorization).toBe('Bearer from-file');
  });

  it('come from plugins, which are asked again when the server does not take what they gave', async () => {
    const script = join(folder, 'plugin');
    const credential = '{"kind":"ExecCredential","status":{"token":"\'$(cat count | wc -c)\'"}}';
    writeFileSync(script, `#!/bin/sh\ncd ${folder}; printf x >> count; echo '${credential}'\n`, { mode: 0o755 });
    const seen: (string | undefined)[] = [];
    const server = await startServer((request, response, count) => {
      seen.push(request.headers.authorization);
      if (count === 1) sendStatus(response, 401, 'Unauthorized');
      else sendJson(response, {});
    });
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', interactiveMode: 'Never' };
    const kube = await connect({ kubeconfig: kubeconfig('e', { server: server.url, user: { exec } }), env: {} });
    await kube.json('/version');
    await kube.close();
    await server.close();
    expect(seen).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('are never told when a plugin fails', async () => {
    const loud = join(folder, 'loud');
    writeFileSync(loud, '#!/bin/sh\necho sha256~verysecret\n', { mode: 0o755 });
    const failing = kubeconfig('f', { user: { exec: { command: loud } } });
    expect(JSON.stringify((await refusal({ kubeconfig: failing })).message)).not.toContain('verysecret');
    const missing = kubeconfig('g', { user: { exec: { command: 'no-such-plugin' } } });
    expect((await refusal({ kubeconfig: missing })).message).toContain('no-such-plugin was not found');
  });
});

describe('over TLS', () => {
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  let server: ReturnType<typeof createTlsServer>;
  let url: string;
  const sockets = new WebSocketServer({ noServer: true });

  beforeAll(async () => {
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    openssl('req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', 'key', '-out', 'cert', '-days', '2', ...subject);
    const key = execFileSync('cat', [join(folder, 'key')]);
    const cert = execFileSync('cat', [join(folder, 'cert')]);
    server = createTlsServer({ key, cert }, (_request, response) => sendJson(response, { secure: true }));
    server.on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (ws) => ws.send('hello'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('trusts the CA that is named, nobody else, and anybody when told to', async () => {
    const trusting = await connect({ server: url, certificateAuthority: join(folder, 'cert'), env: { HOME: folder } });
    expect(await trusting.json('/version')).toEqual({ secure: true });
    await trusting.close();
    const wary = await connect({ server: url, env: { HOME: folder } });
    const error = toMusterError(await wary.json('/version').catch((thrown: unknown) => thrown));
    expect([error.code, error.message]).toEqual([
      'KubeconfigUnusable',
      expect.stringContaining('could not be trusted'),
    ]);
    await wary.close();
    const careless = await connect({ server: url, insecureSkipTlsVerify: true, env: { HOME: folder } });
    expect(await careless.json('/version')).toEqual({ secure: true });
    await careless.close();
  });

  it('goes through the proxy of the kubeconfig, requests and WebSockets', async () => {
    const tunnels: (string | undefined)[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket, head) => {
      tunnels.push(request.url);
      const [host = '', port] = (request.url ?? '').split(':');
      const target = connectTcp(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.write(head);
        target.pipe(socket).pipe(target);
      });
      socket.on('error', () => target.destroy());
      target.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const cluster = { 'certificate-authority': 'cert', 'proxy-url': proxyUrl };
    const kube = await connect({ kubeconfig: kubeconfig('p', { server: url, cluster }), env: {} });
    expect(await kube.json('/version')).toEqual({ secure: true });
    const socket = await kube.webSocket('/exec', []);
    const said = await new Promise((resolve) => {
      socket.once('message', (data) => resolve(String(data)));
      socket.resume();
    });
    socket.terminate();
    await kube.close();
    proxy.closeAllConnections();
    proxy.close();
    expect(said).toBe('hello');
    expect(tunnels).toEqual([url.slice('https://'.length), url.slice('https://'.length)]);
  });

  it('refuses a client certificate that has expired', async () => {
    const user = { 'client-certificate': 'cert', 'client-key': 'key' };
    const timers = { now: () => Date.now() + 10 * 86_400_000, after: () => () => undefined };
    const error = await refusal({ kubeconfig: kubeconfig('x', { server: url, user }), timers });
    expect(error.message).toContain('expired at');
  });
});
