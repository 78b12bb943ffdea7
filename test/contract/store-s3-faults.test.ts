import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { issueCertificates } from '../../sandbox/certificates.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { S3Request } from './s3-rules.ts';
import { type Fault, type S3Server, startS3Server } from './s3-server.ts';

// What holds for every store is in store-contract.ts; here is what only a server that fails, or others use, can show.
const mib = 1024 * 1024;
const location = 's3://muster-test/faults';
let server: S3Server;
let store: Store;

const opened = (env: Record<string, string | undefined> = server.env, sweepBeforeMs = 0, place = location) =>
  openStore(place, {
    env,
    sweepBeforeMs,
    nowMs: Date.now,
    say: (line) => {
      throw new Error(line);
    },
  });
const of = (...chunks: (string | Buffer)[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
const contentOf = async (key: string) => buffer(await store.read(key));
const digestOf = (bytes: Buffer) => ({
  sizeBytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

/** The fault for the first `times` of the requests that match. */
function failing(times: number, fault: Fault, isMeant: (request: S3Request) => boolean): void {
  let left = times;
  server.fault = (request) => (isMeant(request) && left-- > 0 ? fault : undefined);
}
const unavailable: Fault = { instead: { status: 503, code: 'ServiceUnavailable' } };
const changed = { status: 412, code: 'PreconditionFailed' };
const isOf = (method: string, ...names: string[]) => {
  return (request: S3Request) => request.method === method && names.every((name) => request.query.has(name));
};

beforeAll(async () => {
  server = await startS3Server();
  store = await opened();
});
beforeEach(() => {
  server.requests.length = 0;
});
afterEach(() => {
  server.fault = () => undefined;
});
afterAll(async () => {
  await store?.close();
  await server?.end();
});

test('a server that is overloaded for a moment is asked again, one that stays so is given up', async () => {
  const large = randomBytes(9 * mib);
  const requests = [isOf('PUT'), isOf('POST', 'uploads'), isOf('PUT', 'partNumber'), isOf('POST', 'uploadId')];
  for (const isMeant of requests) {
    failing(2, unavailable, isMeant);
    expect(await store.put('again', of(large))).toEqual(digestOf(large));
  }
  failing(2, unavailable, isOf('GET'));
  expect((await contentOf('again')).equals(large)).toBe(true);
  for (const isMeant of requests) {
    failing(100, unavailable, isMeant);
    const refused = { code: 'StoreUnavailable', message: expect.stringContaining('s3://muster-test/faults/again') };
    await expect(store.put('again', of(large, large))).rejects.toMatchObject(refused);
  }
  server.fault = () => undefined;
  expect((await contentOf('again')).equals(large)).toBe(true);
  expect(server.uploads()).toEqual([]);
});

test('a body that is cut is gone on with, in a read and in a compose', async () => {
  const bytes = randomBytes(12 * mib);
  await store.put('cut', of(bytes));
  failing(1000, { cutAfterBytes: 2 * mib }, isOf('GET'));
  const read = await contentOf('cut');
  expect(read.equals(bytes)).toBe(true);
  server.requests.length = 0;
  const pieces = [{ key: 'cut', range: { start: 1, end: 7 * mib } }, { bytes: Buffer.from('!') }];
  const whole = Buffer.concat([bytes.subarray(1, 7 * mib), Buffer.from('!')]);
  expect(await store.compose('cut-joined', pieces)).toEqual(digestOf(whole));
  expect(server.requests.filter(isOf('GET')).length).toBeGreaterThan(2);
  server.fault = () => undefined;
  expect((await contentOf('cut-joined')).equals(whole)).toBe(true);
});

test('a body that is cut before its first byte, again and again, is given up', async () => {
  await store.put('cut', of(randomBytes(mib)));
  failing(1000, { cutAfterBytes: 0 }, isOf('GET'));
  await expect(contentOf('cut')).rejects.toMatchObject({ code: 'StoreUnavailable' });
});

test('whoever reads a body that stalls may leave at once, and takes no connection along', async () => {
  const bytes = randomBytes(mib);
  await store.put('stalled', of(bytes));
  const reason = new Error('told to');
  failing(1000, { stallAfterBytes: 1000 }, isOf('GET'));
  // The client has 50 connections.
  for (let n = 0; n < 60; n++) {
    const reading = await store.read('stalled');
    await once(reading, 'readable');
    const closed = once(reading, 'close');
    reading.destroy();
    await closed;
  }
  const stop = new AbortController();
  const composing = store.compose('stalled-joined', [{ key: 'stalled' }], { signal: stop.signal });
  setTimeout(() => stop.abort(reason), 50);
  await expect(composing).rejects.toBe(reason);
  server.fault = () => undefined;
  expect((await contentOf('stalled')).equals(bytes)).toBe(true);
});

test('an object that is replaced while it is read or joined is not mixed with the other', async () => {
  await store.put('moving', of(randomBytes(9 * mib)));
  failing(1, { cutAfterBytes: mib }, isOf('GET'));
  const reading = await store.read('moving');
  await store.put('moving', of(randomBytes(9 * mib)));
  await expect(buffer(reading)).rejects.toMatchObject({ code: 'ChangedMeanwhile' });
  // The copy of a part finds another object than the one that was read.
  server.fault = (request) => {
    const isCopy = request.headers['x-amz-copy-source'] !== undefined;
    return isCopy && request.headers['x-amz-copy-source-if-match'] ? { instead: changed } : undefined;
  };
  await expect(store.compose('still', [{ key: 'moving' }])).rejects.toMatchObject({ code: 'ChangedMeanwhile' });
  expect(server.uploads()).toEqual([]);
});

test('what is large is copied on the server, and only what is small passes through', async () => {
  const chunks = [randomBytes(8 * mib), randomBytes(8 * mib), randomBytes(3 * mib)];
  for (const [n, chunk] of chunks.entries()) await store.put(`copied/${n}`, of(chunk));
  server.requests.length = 0;
  const cut = 6 * mib;
  const pieces = [
    // Two stretches that follow one another are one.
    { key: 'copied/0', range: { start: 0, end: 2 * mib } },
    { key: 'copied/0', range: { start: 2 * mib, end: 8 * mib } },
    { key: 'copied/1', range: { start: 100, end: cut } },
    { key: 'copied/2' },
    { bytes: Buffer.from('the end') },
  ];
  const [first = Buffer.alloc(0), second = Buffer.alloc(0), third = Buffer.alloc(0)] = chunks;
  const whole = Buffer.concat([first, second.subarray(100, cut), third, Buffer.from('the end')]);
  expect(await store.compose('copied/whole', pieces)).toEqual(digestOf(whole));
  const copies = server.requests.filter((request) => request.headers['x-amz-copy-source'] !== undefined);
  expect(copies.map((request) => request.headers['x-amz-copy-source-range'])).toEqual([
    `bytes=0-${8 * mib - 1}`,
    `bytes=100-${cut - 1}`,
  ]);
  const uploaded = server.requests.reduce(
    (sum, request) => sum + (request.method === 'PUT' ? request.body.length : 0),
    0,
  );
  expect(uploaded).toBe(3 * mib + 'the end'.length);
  expect((await contentOf('copied/whole')).equals(whole)).toBe(true);
});

test('an upload whose end was done, but not answered, is known to be done', async () => {
  const bytes = randomBytes(17 * mib);
  failing(1, { afterwards: { status: 503, code: 'ServiceUnavailable' } }, isOf('POST', 'uploadId'));
  expect(await store.put('answered', of(bytes))).toEqual(digestOf(bytes));
  expect((await contentOf('answered')).equals(bytes)).toBe(true);
  // The same answer is wrong where somebody else aborted the upload, though an object is there under its key.
  failing(1, { instead: { status: 404, code: 'NoSuchUpload' } }, isOf('POST', 'uploadId'));
  await expect(store.put('answered', of(randomBytes(17 * mib)))).rejects.toMatchObject({ code: 'StoreUnavailable' });
  expect((await contentOf('answered')).equals(bytes)).toBe(true);
});

test('a store that is full says so, one that lets nobody in as well, and nothing is left', async () => {
  const large = randomBytes(9 * mib);
  for (const [status, code, told] of [
    [507, 'InsufficientStorage', 'DestinationFailed'],
    [403, 'QuotaExceeded', 'DestinationFailed'],
    [400, 'EntityTooLarge', 'DestinationFailed'],
    [403, 'AccessDenied', 'StoreUnavailable'],
  ] as const) {
    for (const bytes of [Buffer.from('small'), large]) {
      failing(100, { instead: { status, code } }, (request) => isOf('PUT')(request));
      const refused = {
        code: told,
        message: expect.stringContaining(`cannot store s3://muster-test/faults/full: ${code}`),
      };
      await expect(store.put('full', of(bytes))).rejects.toMatchObject(refused);
    }
  }
  server.fault = () => undefined;
  await expect(store.read('full')).rejects.toMatchObject({ code: 'NotFound' });
  expect(server.uploads()).toEqual([]);
});

test('a place that does not work shows when it is opened', async () => {
  const unreachable = { ...server.env, MUSTER_S3_ENDPOINT: 'http://127.0.0.1:1' };
  await expect(opened(unreachable)).rejects.toMatchObject({
    code: 'StoreUnavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  await expect(opened(server.env, 0, 's3://no-such-bucket/x')).rejects.toMatchObject({ code: 'DestinationUnusable' });
  const keyless = { ...server.env, MUSTER_S3_ACCESS_KEY_ID: undefined };
  await expect(opened(keyless)).rejects.toMatchObject({ code: 'InvalidInput' });
});

test('no error tells a secret, whatever the server says', async () => {
  const env = { ...server.env, MUSTER_S3_SECRET_ACCESS_KEY: 'canary-secret', MUSTER_S3_SESSION_TOKEN: 'canary-token' };
  const secretive = await opened(env);
  server.fault = ({ headers }) => {
    const message = `S3RVER canary-secret canary-token ${headers.authorization}`;
    return { instead: { status: 403, code: 'SignatureDoesNotMatch', message } };
  };
  const error: unknown = await secretive.put('secret', of('x')).catch((thrown: unknown) => thrown);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/S3RVER|canary/);
  expect(error).toMatchObject({ code: 'StoreUnavailable', message: expect.stringContaining('SignatureDoesNotMatch') });
  await secretive.close();
});

test('credentials come from files of a mounted Secret, and the endpoint is trusted by its own authority', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-secret-'));
  const file = (name: string) => join(folder, name);
  const certificates = await issueCertificates();
  const tls = createTlsServer({ cert: certificates.server.certificatePem, key: certificates.server.keyPem });
  tls.on('request', (incoming, outgoing) => server.handle(incoming, outgoing));
  await once(tls.listen(0, '127.0.0.1'), 'listening');
  const endpoint = `https://localhost:${(tls.address() as AddressInfo).port}`;
  try {
    await writeFile(file('id'), 'S3RVER\n');
    await writeFile(file('key'), 'S3RVER\n');
    await writeFile(file('ca.crt'), certificates.caPem);
    const env = {
      MUSTER_S3_ENDPOINT: endpoint,
      MUSTER_S3_ACCESS_KEY_ID_FILE: file('id'),
      MUSTER_S3_SECRET_ACCESS_KEY_FILE: file('key'),
    };
    await expect(opened(env)).rejects.toMatchObject({ code: 'StoreUnavailable' });
    const trusting = await opened({ ...env, MUSTER_S3_CA_FILE: file('ca.crt') });
    await trusting.put('tls', of('sealed'));
    expect(server.requests.at(-1)?.headers.authorization).toContain('Credential=S3RVER/');
    expect((await contentOf('tls')).toString()).toBe('sealed');
    await trusting.close();
    const lost = { ...env, MUSTER_S3_ACCESS_KEY_ID_FILE: file('absent') };
    await expect(opened(lost)).rejects.toMatchObject({
      code: 'StoreUnavailable',
      message: expect.stringContaining('MUSTER_S3_ACCESS_KEY_ID_FILE'),
    });
  } finally {
    tls.close();
    tls.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  }
});

test('what others keep in the bucket is neither listed, nor removed, nor swept', async () => {
  const others = await opened(server.env, 0, 's3://muster-test/faults-of-others');
  await others.put('theirs', of('x'));
  const begun = new AbortController();
  const hanging = async function* () {
    yield randomBytes(17 * mib);
    begun.abort();
    await new Promise(() => undefined);
  };
  // Five uploads fill more than a page of the list.
  const stop = new AbortController();
  const puts = Array.from({ length: 5 }, (_, n) => {
    return others.put(`hanging/${n}`, hanging(), { signal: stop.signal }).catch(() => undefined);
  });
  await once(begun.signal, 'abort');
  while (server.uploads().length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
  await (await opened(server.env, Number.POSITIVE_INFINITY)).close();
  expect(server.uploads()).toHaveLength(5);
  await (await opened(server.env, Number.POSITIVE_INFINITY, 's3://muster-test/faults-of-others')).close();
  expect(server.uploads()).toEqual([]);
  stop.abort();
  await Promise.all(puts);
  expect((await store.list('')).map((object) => object.key)).not.toContain('theirs');
  expect((await others.list('')).map((object) => object.key)).toEqual(['theirs']);
  await others.close();
});

test('a server that cannot list uploads is used all the same, and that is said', async () => {
  failing(100, { instead: { status: 501, code: 'NotImplemented' } }, isOf('GET', 'uploads'));
  const said: string[] = [];
  const options = { env: server.env, sweepBeforeMs: 0, nowMs: Date.now, say: (line: string) => said.push(line) };
  const limited = await openStore(location, options);
  await limited.put('limited', of('x'));
  await limited.close();
  expect(said).toEqual([expect.stringMatching(/killed uploads.*NotImplemented/)]);
});
