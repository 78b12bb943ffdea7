import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openServiceClient } from '../../src/cli/service-client.ts';
import { connect } from '../../src/kube/connect.ts';
import { createAlertReader } from '../../src/server/alertmanager.ts';
import { issueCertificate, makeAuthority } from '../../src/server/certificates.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

// Whatever leaves the server of Muster goes by the proxy of HTTPS_PROXY or HTTP_PROXY, and what NO_PROXY names does not.
// Nobody but the proxy knows the host: what arrives has come through it.

const HOST = 'elsewhere.example';

let folder = '';
let s3: S3Server;
let tls: { cert: string; key: string };
let caFile = '';
let proxy: Awaited<ReturnType<typeof startProxy>>;
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-proxied-'));
  const authority = await makeAuthority(Date.now());
  const pair = await issueCertificate(authority, [HOST], Date.now());
  tls = { cert: pair.certificatePem, key: pair.keyPem };
  caFile = join(folder, 'ca.crt');
  await writeFile(caFile, authority.certificatePem);
  s3 = await startS3Server();
  proxy = await startProxy();
});
afterAll(async () => {
  for (const server of servers) server.close();
  await s3.end();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  proxy.asked.length = 0;
  proxy.password = undefined;
});

async function listening<T extends Server>(server: T): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Brings whoever asks for a host to the same port of this machine: tunnels by CONNECT, and plain requests. */
async function startProxy() {
  const told = { asked: [] as string[], password: undefined as string | undefined, url: '' };
  const isRefused = (given: string | undefined) =>
    told.password !== undefined && given !== `Basic ${Buffer.from(`ada:${told.password}`).toString('base64')}`;
  const server = createServer((incoming, outgoing) => {
    const { host, port, pathname, search } = new URL(incoming.url ?? '');
    told.asked.push(`${incoming.method} ${host}`);
    if (isRefused(incoming.headers['proxy-authorization'])) {
      outgoing.writeHead(407).end();
      return;
    }
    const { method, headers } = incoming;
    const path = `${pathname}${search}`;
    const onward = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, near, head) => {
    told.asked.push(`CONNECT ${incoming.url}`);
    if (isRefused(incoming.headers['proxy-authorization'])) {
      near.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const far = connectTcp(Number(incoming.url?.split(':')[1]), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.write(head);
      near.pipe(far).pipe(near);
    });
    for (const socket of [near, far]) socket.on('error', () => socket.destroy());
    near.on('close', () => far.destroy());
  });
  told.url = `http://127.0.0.1:${await listening(server)}`;
  return told;
}

const json =
  (value: unknown): RequestListener =>
  (_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  };
const soon = () => AbortSignal.timeout(20_000);
const alert = { labels: { alertname: 'Fire' }, annotations: {}, startsAt: '2026-11-20T09:00:00.000Z' };

// s3rver takes any other name for that of a bucket.
const answerAsS3: RequestListener = (incoming, outgoing) => {
  incoming.headers.host = 'localhost';
  s3.handle(incoming, outgoing);
};

type Env = Record<string, string>;
/** Each that asks something of another machine, and what it is answered. */
const askers: [string, (port: number, env: Env) => Promise<unknown>, RequestListener, unknown][] = [
  [
    'the API server',
    async (port, env) => {
      const server = `https://${HOST}:${port}`;
      const kube = await connect({ server, token: 'good', certificateAuthority: caFile, env });
      try {
        return await kube.json('/version', { signal: soon() });
      } finally {
        await kube.close();
      }
    },
    json({ gitVersion: 'v1.36.0' }),
    { gitVersion: 'v1.36.0' },
  ],
  [
    'an Alertmanager',
    (port, env) => createAlertReader({ url: `https://${HOST}:${port}`, caFile, tokenFile: undefined, env })(soon()),
    json([alert]),
    [expect.objectContaining({ name: 'Fire' })],
  ],
  [
    'the service, from the command line',
    async (port, env) => {
      const caPem = await readFile(caFile, 'utf8');
      const client = openServiceClient({ url: `https://${HOST}:${port}`, token: async () => 'good', caPem, env });
      try {
        return (await client.json('GET', '/whoami')).body;
      } finally {
        client.close();
      }
    },
    json({ username: 'ada' }),
    { username: 'ada' },
  ],
  ['S3', (port, env) => storedInS3(`https://${HOST}:${port}`, env), answerAsS3, 'sealed'],
];

async function storedInS3(endpoint: string, env: Env): Promise<string> {
  const settings = { ...s3.env, MUSTER_S3_ENDPOINT: endpoint, MUSTER_S3_CA_FILE: caFile, ...env };
  const options = { env: settings, sweepBeforeMs: 0, nowMs: Date.now, say: () => undefined };
  const store = await openStore(`s3://${s3.bucket}/proxied`, options);
  try {
    await store.put('a', Readable.from([Buffer.from('sealed')]));
    return (await buffer(await store.read('a'))).toString();
  } finally {
    await store.close();
  }
}

const names = ['HTTPS_PROXY', 'https_proxy'] as const;

describe.each(askers)('%s', (_, ask, answer, wanted) => {
  it.each(names)('is asked through the proxy of %s, with its password', async (name) => {
    const port = await listening(createTlsServer(tls, answer));
    proxy.password = 'canary';
    expect(await ask(port, { [name]: proxy.url.replace('//', '//ada:canary@') })).toEqual(wanted);
    expect(proxy.asked.length).toBeGreaterThan(0);
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${HOST}:${port}`]));
  });

  it('is asked without it where NO_PROXY says so', async () => {
    const port = await listening(createTlsServer(tls, answer));
    await expect(ask(port, { HTTPS_PROXY: proxy.url, NO_PROXY: '.example' })).rejects.toThrow();
    expect(proxy.asked).toEqual([]);
  });

  it('is not reached by a proxy that refuses, and no error tells its password', async () => {
    const port = await listening(createTlsServer(tls, answer));
    proxy.password = 'another';
    const asked = ask(port, { HTTPS_PROXY: proxy.url.replace('//', '//ada:canary@') });
    const error: unknown = await asked.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/canary|YWRhOmNhbmFyeQ/);
    expect(proxy.asked).toContain(`CONNECT ${HOST}:${port}`);
  });
});

it('S3 without TLS is asked through the proxy of HTTP_PROXY', async () => {
  const port = await listening(createServer(answerAsS3));
  const env = { HTTP_PROXY: proxy.url, HTTPS_PROXY: 'http://127.0.0.1:1' };
  expect(await storedInS3(`http://${HOST}:${port}`, env)).toBe('sealed');
  expect(new Set(proxy.asked)).toEqual(new Set([`GET ${HOST}:${port}`, `PUT ${HOST}:${port}`]));
});
