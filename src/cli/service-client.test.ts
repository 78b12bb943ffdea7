import dns from 'node:dns';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Timers } from '../kube/timers.ts';
import { issueCertificate, makeAuthority } from '../server/certificates.ts';
import { openServiceClient, type ServiceClientOptions } from './service-client.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(answer: RequestListener, tls?: { cert: string; key: string }): Promise<string> {
  const server = tls === undefined ? createHttp(answer) : createHttps(tls, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function clientOf(url: string, more: Partial<ServiceClientOptions> = {}) {
  const client = openServiceClient({ url, token: async () => 'one', caPem: undefined, env: {}, ...more });
  closing.push(() => client.close());
  return client;
}

describe('certificates', () => {
  test('the authority of --ca-file is trusted, and no other', async () => {
    const authority = await makeAuthority(Date.now());
    const pair = await issueCertificate(authority, ['127.0.0.1'], Date.now());
    const url = await serve((_, response) => response.end('{}'), { cert: pair.certificatePem, key: pair.keyPem });
    const trusting = clientOf(url, { caPem: authority.certificatePem });
    expect((await trusting.json('GET', '/')).body).toEqual({});
    await expect(clientOf(url).json('GET', '/')).rejects.toMatchObject({
      code: 'ClusterUnreachable',
      isPassing: false,
      message: expect.stringMatching(/could not be trusted: .*--ca-file/),
    });
  });

  test('a certificate for another name is refused', async () => {
    const authority = await makeAuthority(Date.now());
    const pair = await issueCertificate(authority, ['muster.example'], Date.now());
    const url = await serve((_, response) => response.end('{}'), { cert: pair.certificatePem, key: pair.keyPem });
    const asked = clientOf(url, { caPem: authority.certificatePem }).json('GET', '/');
    await expect(asked).rejects.toMatchObject({ isPassing: false, message: expect.stringMatching(/altnames/) });
  });
});

describe('names', () => {
  /** A name server that says "for now not" so often before it knows; what a person sees while pods are moved. */
  function forgetName(times: number): () => number {
    let asked = 0;
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((_host: string, how: object, told: LookupTold) => {
      asked += 1;
      if (asked > times) return told(null, [{ address: '127.0.0.1', family: 4 }]);
      told(Object.assign(new Error('getaddrinfo EAI_AGAIN muster.svc'), { code: 'EAI_AGAIN', ...how }));
    }) as never);
    closing.push(() => lookup.mockRestore());
    return () => asked;
  }
  type LookupTold = (error: Error | null, found?: object[]) => void;
  const waits: number[] = [];
  const timers: Timers = {
    now: () => 0,
    after: (delayMs, run) => {
      waits.push(delayMs);
      setImmediate(run);
      return () => undefined;
    },
  };
  afterEach(() => waits.splice(0));

  test('a name server that does not answer for a moment is asked again', async () => {
    const url = (await serve((_, response) => response.end('{}'))).replace('127.0.0.1', 'muster.svc');
    const asked = forgetName(2);
    expect((await clientOf(url, { timers }).json('POST', '/must-gather', { body: {} })).body).toEqual({});
    expect(asked()).toBe(3);
    expect(waits).toEqual([500, 1000]);
  });

  test('one that goes on so is told of', async () => {
    forgetName(99);
    const asked = clientOf('http://muster.svc:1', { timers }).json('GET', '/');
    await expect(asked).rejects.toMatchObject({
      code: 'ClusterUnreachable',
      isPassing: true,
      message: expect.stringMatching(/EAI_AGAIN/),
    });
    expect(waits).toEqual([500, 1000, 2000, 4000]);
  });
});

describe('tokens', () => {
  const needs =
    (wanted: string, seen: string[]): RequestListener =>
    (request, response) => {
      seen.push(request.headers.authorization ?? '');
      response.writeHead(request.headers.authorization === `Bearer ${wanted}` ? 200 : 401).end('{}');
    };

  test('one that is refused is asked for again, once', async () => {
    const seen: string[] = [];
    const url = await serve(needs('two', seen));
    const token = async (fresh: boolean) => (fresh ? 'two' : 'one');
    await clientOf(url, { token }).json('POST', '/must-gather', { body: {} });
    expect(seen).toEqual(['Bearer one', 'Bearer two']);
    await expect(clientOf(url).json('GET', '/')).rejects.toMatchObject({ code: 'CredentialsRejected' });
    expect(seen).toHaveLength(3);
  });

  test('one never follows a redirect', async () => {
    const seen: string[] = [];
    const elsewhere = await serve(needs('one', seen));
    const url = await serve((_, response) => response.writeHead(302, { location: `${elsewhere}/login` }).end());
    await expect(clientOf(url).json('GET', '/')).rejects.toMatchObject({
      code: 'ClusterRefused',
      message: expect.stringMatching(/redirects to .*\/login.*not the address/),
    });
    expect(seen).toEqual([]);
  });
});

test.each<[number, string, string, boolean]>([
  [502, '<html>\nBad Gateway', 'NotReady', true],
  [503, '{"code":"NotReady","message":"no leader"}', 'NotReady', true],
  [500, '{"code":"Internal","message":"oh"}', 'Internal', false],
  [404, 'nothing', 'NotFound', false],
  [418, '{"code":"toString","message":"x"}', 'ClusterRefused', false],
])('%i %j is %s', async (status, body, code, isPassing) => {
  const url = await serve((_, response) => response.writeHead(status).end(body));
  await expect(clientOf(url).json('GET', '/')).rejects.toMatchObject({ code, isPassing });
});

test('what is no JSON is no answer of Muster', async () => {
  const url = await serve((_, response) => response.end('<html>'));
  await expect(clientOf(url).json('GET', '/')).rejects.toMatchObject({ code: 'ClusterRefused' });
});

test('an address below a path, and a proxy that the environment names', async () => {
  const seen: string[] = [];
  const proxy = await serve((request, response) => {
    seen.push(request.url ?? '');
    response.end('{}');
  });
  const url = 'http://muster.example/support';
  await clientOf(url, { env: { HTTP_PROXY: proxy } }).json('GET', '/must-gather');
  expect(seen).toEqual(['http://muster.example/support/must-gather']);
});

test('a stream that is called off ends as interrupted', async () => {
  const url = await serve((_, response) => void response.write('begun'));
  const interrupt = new AbortController();
  const stream = await clientOf(url).open('/', { signal: interrupt.signal });
  const read = text(stream);
  interrupt.abort();
  await expect(read).rejects.toThrow();
  const asked = clientOf(url).json('GET', '/', { signal: interrupt.signal });
  await expect(asked).rejects.toMatchObject({ code: 'Interrupted' });
});
