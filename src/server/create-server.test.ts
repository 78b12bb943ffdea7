import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { validateSpec } from '../report/spec.ts';
import { type Asked, someBytes, startService, type TestService } from './test-reports.ts';

let service: TestService;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const ask = (path: string, asked?: Asked) => service.ask(path, asked);
const post = (path: string, body: unknown) => service.post(path, body);

type Row = { id: number; status: string; message: string; 'exec-output': string };
const rowOf = async (answer: Response) => (await answer.json()) as Row;
const rowsOf = async (answer: Response) => (await answer.json()) as Row[];

describe('the session of the seed', () => {
  it('asks, looks, lists', async () => {
    const answer = await post('/must-gather', { image: 'quay.io/maufart/forklift-must-gather', timeout: '15m' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/must-gather/1');
    expect(await answer.json()).toMatchObject({
      id: 1,
      status: 'new',
      image: 'quay.io/maufart/forklift-must-gather',
      timeout: '15m',
      'archive-size': 0,
      'archive-name': '',
      'exec-output': '',
      'requested-by': 'ada',
    });
    expect(await (await ask('/must-gather/1')).json()).toMatchObject({ id: 1, 'exec-output': 'log of 1' });
    expect(await (await ask('/must-gather')).json()).toMatchObject([{ id: 1, 'exec-output': '' }]);
  });
});

describe('a request', () => {
  it('may be a form, a query, or nothing at all', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const asForm = await ask('/must-gather?node-name=n1', {
      method: 'POST',
      headers: form,
      body: 'custom-name=form1&timeout=5m',
    });
    expect(await asForm.json()).toMatchObject({ 'custom-name': 'form1', timeout: '5m', 'node-name': 'n1' });
    const asQuery = await ask('/must-gather?custom-name=q1', { method: 'POST' });
    expect(await asQuery.json()).toMatchObject({ 'custom-name': 'q1' });
    expect((await ask('/must-gather', { method: 'POST' })).status).toBe(201);
    expect((await ask('/must-gather/', { method: 'POST' })).status).toBe(201);
    expect((await post('/must-gather', null)).status).toBe(201);
  });

  const json = { 'content-type': 'application/json' };
  it.each<[string, string, Asked, number, string, RegExp]>([
    ['a wrong type', '/must-gather', { headers: json, body: '{"image":5}' }, 400, 'InvalidInput', /^image: /],
    ['an unknown key', '/must-gather', { headers: json, body: '{"imgae":"a"}' }, 400, 'InvalidInput', /^imgae: /],
    ['a polluting key', '/must-gather', { headers: json, body: '{"__proto__":{}}' }, 400, 'InvalidInput', /^__proto__/],
    ['an array', '/must-gather', { headers: json, body: '[]' }, 400, 'InvalidInput', /object/],
    ['half of JSON', '/must-gather', { headers: json, body: '{"image"' }, 400, 'InvalidInput', /no JSON/],
    ['an empty body as JSON', '/must-gather', { headers: json, body: '' }, 400, 'InvalidInput', /empty/],
    [
      'no UTF-8',
      '/must-gather',
      { headers: json, body: Buffer.from([0x22, 0xff, 0x22]) },
      400,
      'InvalidInput',
      /UTF-8/,
    ],
    ['a query beside JSON', '/must-gather?image=a', { headers: json, body: '{}' }, 400, 'InvalidInput', /^image: /],
    [
      'JSON as a form',
      '/must-gather',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '{"image":"a"}' },
      400,
      'InvalidInput',
      /Content-Type: application\/json/,
    ],
    [
      'plain text',
      '/must-gather',
      { headers: { 'content-type': 'text/plain' }, body: 'a' },
      415,
      'UnsupportedMediaType',
      /./,
    ],
    ['too much', '/must-gather', { headers: json, body: `"${'a'.repeat(600_000)}"` }, 413, 'TooLarge', /./],
    ['a missing report', '/must-gather/7/cancel', {}, 404, 'NotFound', /no report "7"/],
    ['a missing route', '/other', {}, 404, 'NotFound', /nothing at/],
    ['broken encoding', '/must-gather/%E0%A4%A/cancel', {}, 400, 'InvalidInput', /./],
  ])('with %s is refused', async (_what, path, asked, status, code, message) => {
    const answer = await ask(path, { method: 'POST', ...asked });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await answer.json()).toEqual({ code, message: expect.stringMatching(message) });
    expect([...service.reports.list()]).toEqual([]);
  });

  it.each([
    ['PUT', '/must-gather', 'GET, HEAD, POST'],
    ['DELETE', '/must-gather', 'GET, HEAD, POST'],
    ['PATCH', '/must-gather/1', 'DELETE, GET, HEAD'],
    ['POST', '/must-gather/1/data', 'GET, HEAD'],
    ['GET', '/must-gather/1/cancel', 'POST'],
    ['OPTIONS', '/must-gather/1/retry', 'POST'],
  ])('%s %s is refused with what is allowed', async (method, path, allow) => {
    const answer = await ask(path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    expect(await answer.json()).toMatchObject({ code: 'MethodNotAllowed' });
  });

  it.each([
    ['/must-gather', 'GET'],
    ['/must-gather', 'POST'],
    ['/must-gather', 'PUT'],
    ['/must-gather/1', 'GET'],
    ['/must-gather/1', 'DELETE'],
    ['/must-gather/1/data', 'GET'],
    ['/must-gather/1/cancel', 'POST'],
    ['/must-gather/1/retry', 'POST'],
    ['/nowhere', 'GET'],
  ])('for %s by %s needs a token with rights', async (path, method) => {
    await post('/must-gather', {});
    const without = await ask(path, { method, headers: { authorization: '' } });
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await without.json()).toMatchObject({ code: 'CredentialsRejected' });
    const weak = await ask(path, { method, headers: { authorization: 'Bearer weak' } });
    expect(weak.status).toBe(403);
    expect(await weak.json()).toMatchObject({ code: 'RightsMissing' });
    expect([...service.reports.list()]).toHaveLength(1);
  });
});

describe('a list', () => {
  it('is all, ascending, without logs; pages and logs when asked for', async () => {
    expect(await (await ask('/must-gather')).json()).toEqual([]);
    for (let made = 0; made < 250; made += 1) await service.reports.create(specOf(), { username: 'a' }, soon());
    const all = await rowsOf(await ask('/must-gather'));
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
    const ids: number[] = [];
    let next: string | undefined = '/must-gather?limit=100&order=desc&exec-output=true';
    while (next !== undefined) {
      const page: Response = await ask(next);
      const rows = await rowsOf(page);
      for (const row of rows) expect(row['exec-output']).toBe(`log of ${row.id}`);
      ids.push(...rows.map(({ id }) => id));
      next = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    }
    expect(ids).toEqual(Array.from({ length: 250 }, (_, at) => 250 - at));
    expect((await ask('/must-gather', { method: 'HEAD' })).status).toBe(200);
    const refused = await ask('/must-gather?limit=many');
    expect([refused.status, (await rowOf(refused)).message]).toEqual([400, expect.stringMatching(/^limit: /)]);
  });
});

describe('what else is asked of a report', () => {
  test('cancel, retry, delete; each once, each in the audit', async () => {
    await post('/must-gather', { 'custom-name': 'a' });
    expect((await post('/must-gather/1/retry', {})).status).toBe(409);
    const cancelled = await post('/must-gather/a/cancel', undefined);
    expect([cancelled.status, (await rowOf(cancelled)).status]).toEqual([202, 'error']);
    expect((await post('/must-gather/1/cancel', {})).status).toBe(409);
    const again = await ask('/must-gather/1/retry', { method: 'POST' });
    expect([again.status, again.headers.get('location')]).toEqual([201, '/must-gather/2']);
    expect(await again.json()).toMatchObject({ id: 2, 'retry-of': 1, 'custom-name': 'a', status: 'new' });
    expect((await ask('/must-gather/2', { method: 'DELETE' })).status).toBe(204);
    expect((await ask('/must-gather/2', { method: 'DELETE' })).status).toBe(404);
    const username = 'ada';
    expect(service.audits).toEqual([
      { username, action: 'create', id: 1 },
      { username, action: 'cancel', id: 1 },
      { username, action: 'retry', id: 2 },
      { username, action: 'delete', id: 2 },
    ]);
  });
});

describe('trouble', () => {
  it('that nobody foresaw is told to the log, and not to the caller', async () => {
    await service.close();
    const boom = new Error('secret of the store');
    service = await startService({ get: () => Promise.reject(boom) });
    const answer = await ask('/must-gather/1');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    expect(service.failures).toEqual([boom]);
  });

  it('in the middle of a list cuts the answer instead of ending it well', async () => {
    await service.close();
    const boom = new Error('no log');
    let isBroken = true;
    service = await startService({
      execOutput: async ({ status }) => (isBroken && status?.id === 2 ? Promise.reject(boom) : 'a'.repeat(500_000)),
    });
    for (let made = 0; made < 3; made += 1) await post('/must-gather', {});
    const list = async (query = '') => (await ask(`/must-gather?exec-output=true${query}`)).text();
    await expect(list()).rejects.toThrow();
    expect(service.failures).toEqual([boom]);
    expect(JSON.parse(await list('&limit=1'))).toHaveLength(1);
    isBroken = false;
    expect(JSON.parse(await list())).toHaveLength(3);
  });

  it('of bytes that are no HTTP is answered, and the service lives on', async () => {
    const { port, hostname } = new URL(service.url);
    const sent = async (bytes: Uint8Array): Promise<string> => {
      const socket = connect(Number(port), hostname);
      socket.end(bytes);
      // A reset is an answer too: the server wants no more of it.
      return text(socket).catch(() => '');
    };
    expect(await sent(Buffer.from('nonsense\r\n\r\n'))).toMatch(/^HTTP\/1.1 400 .*"code":"InvalidInput"/s);
    const long = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`;
    expect(await sent(Buffer.from(long))).toMatch(/^HTTP\/1.1 431 |^$/);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect(await sent(bytes)).not.toMatch(/^HTTP\/1.1 5/);
      }),
      { numRuns: process.env.MUSTER_LONG ? 5000 : 200 },
    );
    expect((await ask('/must-gather')).status).toBe(200);
  });

  it('never comes of what is asked: no 5xx, and every refusal has its code', async () => {
    const { id } = await rowOf(await post('/must-gather', { 'custom-name': 'a' }));
    service.reports.end(id, 'Completed', someBytes(1000));
    const keys = ['image', 'images', 'timeout', 'custom-name', 'id', 'command', 'host-network', 'volume-percentage'];
    const path = fc.oneof(
      fc.constantFrom('/must-gather', `/must-gather/${id}`, '/must-gather/a/data', '/must-gather/1/cancel'),
      fc.webPath().map((rest) => `/must-gather${rest}`),
      fc.webQueryParameters().map((query) => `/must-gather?${query}`),
    );
    const body = fc.oneof(
      fc.json(),
      fc
        .dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), fc.jsonValue())
        .map((value) => JSON.stringify(value)),
      fc.uint8Array(),
    );
    const type = fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain', 'a/b; c="', '');
    const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');
    const range = fc.oneof(fc.constantFrom('bytes=0-', 'bytes=-5', 'bytes=9-1'), fc.stringMatching(/^[ -~]{0,20}$/));
    await fc.assert(
      fc.asyncProperty(path, method, type, range, body, async (url, verb, contentType, bytes, content) => {
        const hasBody = !['GET', 'HEAD'].includes(verb);
        const answer = await ask(url, {
          method: verb,
          headers: { range: bytes, ...(contentType === '' ? {} : { 'content-type': contentType }) },
          ...(hasBody ? { body: typeof content === 'string' ? content : Uint8Array.from(content) } : {}),
        });
        expect(answer.status).toBeLessThan(500);
        const said = await answer.text();
        if (answer.status < 400 || verb === 'HEAD') return;
        expect(JSON.parse(said)).toEqual({ code: expect.any(String), message: expect.any(String) });
      }),
      { numRuns: process.env.MUSTER_LONG ? 50_000 : 600 },
    );
    expect(service.failures).toEqual([]);
  });
});

const soon = () => AbortSignal.timeout(20_000);
const specOf = () => validateSpec({}).spec;
