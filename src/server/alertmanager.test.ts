import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAlertReader } from './alertmanager.ts';
import { issueCertificate, type KeyPair, makeAuthority } from './certificates.ts';

const alert = (
  name: string,
  severity: string,
  startsAt: string,
  more: { labels?: object; annotations?: object } = {},
) => ({
  labels: { alertname: name, severity, ...more.labels },
  annotations: { summary: `about ${name}`, ...more.annotations },
  startsAt,
  status: { state: 'active' },
});
const AT = '2026-11-21T09:00:00.000Z';
const soon = () => AbortSignal.timeout(5000);

let folder = '';
let authority: KeyPair;
let pair: KeyPair;
let caFile = '';
let tokenFile = '';
let close: (() => void) | undefined;
const seen: { url: string | undefined; authorization: string | undefined }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-alerts-'));
  authority = await makeAuthority(Date.now());
  pair = await issueCertificate(authority, ['127.0.0.1'], Date.now());
  caFile = join(folder, 'ca.crt');
  tokenFile = join(folder, 'token');
  await writeFile(caFile, authority.certificatePem);
  await writeFile(tokenFile, 'canary\n');
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  close?.();
  seen.length = 0;
});

async function start(answer: RequestListener, isSecure = false): Promise<string> {
  const listener: RequestListener = (request, response) => {
    seen.push({ url: request.url, authorization: request.headers.authorization });
    answer(request, response);
  };
  const tls = { cert: pair.certificatePem, key: pair.keyPem };
  const server = isSecure ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  return `${isSecure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const answers =
  (value: unknown): RequestListener =>
  (_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  };
const read = (url: string, options: { caFile?: string; tokenFile?: string } = {}) =>
  createAlertReader({ url, caFile: options.caFile, tokenFile: options.tokenFile })(soon());

describe('alerts', () => {
  it('are told the worst first, then the newest, without the one that always fires', async () => {
    const url = await start(
      answers([
        alert('Info', 'info', AT),
        alert('Old', 'warning', '2026-11-20T09:00:00.000Z'),
        alert('Watchdog', 'none', AT),
        alert('Odd', 'page', AT),
        alert('New', 'warning', AT),
        alert('ClusterOperatorDown', 'critical', AT, {
          labels: { name: 'dns' },
          annotations: { summary: undefined, description: 'd' },
        }),
      ]),
    );
    const alerts = await read(url);
    expect(alerts.map(({ name }) => name)).toEqual(['ClusterOperatorDown', 'New', 'Old', 'Info', 'Odd']);
    expect(alerts[0]).toEqual({
      name: 'ClusterOperatorDown',
      severity: 'critical',
      summary: 'd',
      activeSince: AT,
      operator: 'dns',
    });
    expect(seen).toEqual([
      { url: '/api/v2/alerts?active=true&silenced=false&inhibited=false', authorization: undefined },
    ]);
  });

  it('come over TLS with the token, to whom the file vouches for', async () => {
    const url = await start(answers([alert('A', 'warning', AT)]), true);
    expect(await read(url, { caFile, tokenFile })).toHaveLength(1);
    expect(seen[0]?.authorization).toBe('Bearer canary');
    await expect(read(url, { tokenFile })).rejects.toThrow(/certificate/);
    expect(seen).toHaveLength(1);
  });

  it('are asked for without the token where anybody could hear it', async () => {
    await read(await start(answers([])), { tokenFile });
    expect(seen[0]?.authorization).toBeUndefined();
  });

  it('are bounded, in number and in length', async () => {
    const many = Array.from({ length: 500 }, (_, at) =>
      alert(`a${at}`, 'warning', AT, { annotations: { summary: 'x'.repeat(5000) } }),
    );
    const alerts = await read(await start(answers(many)));
    expect([alerts.length, alerts[0]?.summary.length]).toEqual([100, 1000]);
  });

  it.each<[string, RequestListener, RegExp]>([
    ['a refusal', (_, response) => response.writeHead(403).end(), /answered 403/],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'https://evil.example' }).end(),
      /answered 302/,
    ],
    ['no list', answers({ data: [] }), /no list/],
    ['no JSON', (_, response) => response.end('<html>'), /JSON/],
    ['too much', (_, response) => response.end(Buffer.alloc(5_000_000, 32)), /more than/],
    ['an end in the middle', (request) => request.socket.destroy(), /hang up|reset/],
  ])('cannot be told of %s', async (_what, answer, message) => {
    await expect(read(await start(answer))).rejects.toThrow(message);
  });

  it('do not keep anybody waiting', async () => {
    const url = await start(() => undefined);
    const asked = createAlertReader({ url, caFile: undefined, tokenFile: undefined })(AbortSignal.timeout(100));
    await expect(asked).rejects.toThrow();
  });

  it('are as told, whatever is in them', async () => {
    const [told] = await read(await start(answers([{ labels: null, annotations: [], startsAt: 5 }])));
    expect(told).toEqual({ name: 'Alert', severity: 'info', summary: '', activeSince: '' });
  });
});
