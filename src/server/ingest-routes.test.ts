import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { foreignToken, type IngestWorld, packerToken, startIngestWorld } from '../../test/sandbox/ingest-world.ts';
import { contentDigest } from '../gather/content-digest.ts';
import { partKeys } from '../gather/ingest.ts';

let world: IngestWorld;
beforeEach(async () => {
  world = await startIngestWorld();
});
afterEach(() => world.close());

const bytes = (length: number, fill: string) => Buffer.alloc(length, fill);
const digestOf = (body: Buffer) => contentDigest(createHash('sha256').update(body).digest('hex'));
const end = { files: 2, bytes: 30, says: ['a line'], membersBytes: 30, complete: true, message: '' };

describe('an upload', () => {
  test('goes from hello to end, and is stored under the gather that the pod stands for', async () => {
    const hello = await world.ask('POST', 'hello');
    expect(hello.json()).toEqual({
      prefix: 'must-gather.local.1/quay-io-image',
      sourceDir: '/must-gather',
      membersBytes: 0,
      volumeLimitPercentage: 70,
      ended: false,
    });
    expect((await world.ask('PUT', 'members/0', bytes(20, 'a'))).json()).toEqual({ membersBytes: 20, ended: false });
    expect((await world.ask('PUT', 'members/20', bytes(10, 'b'))).json()).toEqual({ membersBytes: 30, ended: false });
    await world.ask('PUT', 'record', bytes(5, 'r'));
    await world.ask('PUT', 'record', bytes(6, 's'));
    await world.ask('PUT', 'events', bytes(7, 'e'));
    await world.ask('POST', 'progress', { files: 1, bytes: 20, says: ['left out "x": a socket'] });
    world.said.ended = true;
    expect((await world.ask('POST', 'end', end)).json()).toEqual({ membersBytes: 30, ended: true });
    const stored = await world.store().list('');
    expect(stored.map(({ key, sizeBytes }) => `${key} ${sizeBytes}`)).toEqual([
      `parts/r-1/gather-1/end ${JSON.stringify(end).length}`,
      'parts/r-1/gather-1/events 7',
      'parts/r-1/gather-1/members/0000000000000000 20',
      'parts/r-1/gather-1/members/0000000000000020 10',
      'parts/r-1/gather-1/record 6',
    ]);
    expect(JSON.parse((await buffer(await world.store().read(partKeys.end(world.gather)))).toString())).toEqual(end);
    expect(world.said.progress).toEqual([{ files: 1, bytes: 20, says: ['left out "x": a socket'] }]);
    expect(world.said.ends).toEqual([end]);
    expect(world.said.failures).toEqual([]);
  });

  test('is a sign of life, as it is asked for and with each piece of it', async () => {
    const seen = async (work: () => Promise<unknown>) => {
      const before = world.said.seen;
      await work();
      return world.said.seen - before;
    };
    expect(await seen(() => world.ask('POST', 'hello'))).toBe(1);
    expect(await seen(() => world.ask('PUT', 'members/0', bytes(20, 'a')))).toBe(2);
    expect(await seen(() => world.ask('PUT', 'record', bytes(4_000_000, 'r')))).toBeGreaterThanOrEqual(2);
  });

  test('is told to wait until the folder of the gather is known', async () => {
    world.said.prefix = undefined;
    const { statusCode, headers, body } = await world.ask('POST', 'hello');
    expect({ statusCode, retryAfter: headers['retry-after'], code: JSON.parse(body).code }).toEqual({
      statusCode: 503,
      retryAfter: '1',
      code: 'NotReady',
    });
    expect(world.said.failures).toEqual([]);
  });

  test('may send a chunk again, but no other in its place', async () => {
    await world.ask('PUT', 'members/0', bytes(20, 'a'));
    expect((await world.ask('PUT', 'members/0', bytes(20, 'a'))).statusCode).toBe(200);
    for (const [offset, body] of [
      [0, bytes(20, 'b')],
      [0, bytes(21, 'a')],
      [5, bytes(15, 'a')],
      [21, bytes(4, 'a')],
      [8_388_608, bytes(4, 'a')],
    ] as const) {
      const answer = await world.ask('PUT', `members/${offset}`, body);
      expect([answer.statusCode, answer.json()]).toEqual([
        409,
        { code: 'Conflict', message: expect.stringContaining('20 bytes'), membersBytes: 20, ended: false },
      ]);
    }
    expect(await world.members()).toEqual(bytes(20, 'a'));
  });

  test('of chunks at once keeps their order, and each once', async () => {
    const answers = await Promise.all(
      [0, 0, 20, 20, 0, 40].map((offset) => world.ask('PUT', `members/${offset}`, bytes(20, 'a'))),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await world.members()).toEqual(bytes(60, 'a'));
  });

  test('goes on after the server was started again, and is no end while members or record are missing', async () => {
    await world.ask('PUT', 'members/0', bytes(20, 'a'));
    await world.restart();
    expect((await world.ask('POST', 'hello')).json()).toMatchObject({ membersBytes: 20 });
    expect((await world.ask('POST', 'end', end)).json()).toMatchObject({ code: 'Conflict' });
    await world.ask('PUT', 'record', bytes(5, 'r'));
    expect((await world.ask('POST', 'end', end)).json()).toMatchObject({ code: 'Conflict', membersBytes: 20 });
    await world.ask('PUT', 'members/20', bytes(10, 'a'));
    expect((await world.ask('POST', 'end', end)).statusCode).toBe(200);
    // The answer may be lost: the end may be told again, but nothing comes behind it.
    await world.restart();
    expect((await world.ask('POST', 'end', end)).statusCode).toBe(200);
    expect((await world.ask('PUT', 'members/30', bytes(10, 'a'))).statusCode).toBe(409);
    expect((await world.ask('PUT', 'record', bytes(5, 'r'))).statusCode).toBe(409);
  });

  test.each<[string, string, Record<string, string>, number, string]>([
    ['another digest', 'members/0', { 'content-digest': digestOf(bytes(9, 'b')) }, 400, 'InvalidInput'],
    ['no digest', 'members/0', { 'content-digest': '' }, 400, 'InvalidInput'],
    ['a digest of another kind', 'members/0', { 'content-digest': 'sha-512=:AAAA:' }, 400, 'InvalidInput'],
    ['a record of another digest', 'record', { 'content-digest': digestOf(bytes(9, 'b')) }, 400, 'InvalidInput'],
    ['an offset that is none', 'members/-1', {}, 400, 'InvalidInput'],
    ['an offset with a path', 'members/..%2F..%2Fx', {}, 400, 'InvalidInput'],
    ['text for bytes', 'members/0', { 'content-type': 'text/plain' }, 415, 'UnsupportedMediaType'],
  ])('with %s stores nothing', async (_name, path, headers, status, code) => {
    const answer = await world.ask('PUT', path, bytes(9, 'a'), headers);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(await world.store().list('')).toEqual([]);
    expect(world.said.failures).toEqual([]);
  });

  test('above 8 MiB is refused by its length alone', async () => {
    const answer = await world.ask('PUT', 'members/0', bytes(1, 'a'), { 'content-length': String(2 ** 23 + 1) });
    expect([answer.statusCode, answer.json().code]).toEqual([413, 'TooLarge']);
  });

  test.each([
    ['progress', { files: -1, bytes: 0, says: [] }],
    ['progress', { files: 1, bytes: 0, says: ['x'.repeat(1001)] }],
    ['progress', { files: 1, bytes: 0, says: Array.from({ length: 1001 }, () => 'x') }],
    ['end', { ...end, complete: 'perhaps' }],
    ['end', { files: 1 }],
  ])('with a wrong %s is told so', async (path, body) => {
    expect((await world.ask('POST', path, body)).statusCode).toBe(400);
    expect(world.said).toMatchObject({ progress: [], ends: [] });
  });

  test('that breaks off leaves what was there, and the same chunk can come again', async () => {
    await world.ask('PUT', 'members/0', bytes(20, 'a'));
    const body = bytes(100_000, 'c');
    const socket = connect({ host: '127.0.0.1', port: world.port, ca: world.caPem });
    await once(socket, 'secureConnect');
    const head = `PUT /ingest/members/20 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${packerToken}\r\nContent-Type: application/octet-stream\r\nContent-Length: 100000\r\nContent-Digest: ${digestOf(body)}\r\n\r\n`;
    socket.write(head);
    await new Promise<void>((resolve) => socket.write(body.subarray(0, 70_000), () => resolve()));
    socket.destroy();
    expect((await world.ask('PUT', 'members/20', body)).json()).toMatchObject({ membersBytes: 100_020 });
    expect((await world.store().list('')).map(({ sizeBytes }) => sizeBytes)).toEqual([20, 100_000]);
    expect(world.said.failures).toEqual([]);
  });
});

describe('whoever', () => {
  test.each<[string, string, number, string]>([
    ['has no token', '', 401, 'CredentialsRejected'],
    ['has a bad token', 'Bearer nonsense', 401, 'CredentialsRejected'],
    ['is another pod', `Bearer ${foreignToken}`, 421, 'NotHere'],
  ])('%s is refused on every route', async (_name, authorization, status, code) => {
    for (const [method, path, body] of [
      ['POST', 'hello', undefined],
      ['PUT', 'members/0', bytes(9, 'a')],
      ['PUT', 'record', bytes(9, 'a')],
      ['PUT', 'events', bytes(9, 'a')],
      ['POST', 'progress', { files: 1, bytes: 1, says: [] }],
      ['POST', 'end', end],
      ['POST', 'nothing', undefined],
    ] as const) {
      const answer = await world.ask(method, path, body, { authorization });
      expect([path, answer.statusCode, answer.json().code]).toEqual([path, status, code]);
    }
    expect(await world.store().list('')).toEqual([]);
    expect(world.said).toMatchObject({ progress: [], ends: [] });
  });

  test('was a packer is one no more when the gather is taken off', async () => {
    world.takeOff();
    expect((await world.ask('POST', 'hello')).statusCode).toBe(421);
  });

  test('uploads hears why to stop in every answer, and stores nothing once another way is taken', async () => {
    await world.ask('PUT', 'members/0', bytes(20, 'a'));
    world.said.stop = 'Timeout';
    expect((await world.ask('PUT', 'members/20', bytes(20, 'a'))).json()).toMatchObject({ stop: 'Timeout' });
    world.said.stop = 'TakenOver';
    for (const [method, path, body] of [
      ['PUT', 'members/40', bytes(20, 'a')],
      ['PUT', 'record', bytes(20, 'a')],
      ['POST', 'end', end],
    ] as const) {
      const answer = await world.ask(method, path, body);
      expect([answer.statusCode, answer.json()]).toMatchObject([409, { code: 'Conflict', stop: 'TakenOver' }]);
    }
    expect((await world.ask('POST', 'progress', { files: 1, bytes: 1, says: [] })).json()).toMatchObject({
      stop: 'TakenOver',
    });
    expect((await world.store().list('')).map(({ sizeBytes }) => sizeBytes)).toEqual([20, 20]);
  });
});
