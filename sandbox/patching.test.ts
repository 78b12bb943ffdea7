import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RawAnswer, rawRequest } from '../test/sandbox/raw-request.ts';
import { type Sandbox, startSandbox } from './server.ts';

const types = {
  apply: 'application/apply-patch+yaml',
  strategic: 'application/strategic-merge-patch+json',
  merge: 'application/merge-patch+json',
  json: 'application/json',
  yaml: 'application/yaml',
};

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const send = (method: string, path: string, type: keyof typeof types, body: unknown): Promise<RawAnswer> =>
  rawRequest(sandbox, {
    method,
    path: `/api/v1/namespaces/default/${path}`,
    type: types[type],
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const refused = (status: number, reason: string) => ({ status, body: expect.objectContaining({ reason }) });

describe('server-side apply', () => {
  const apply = (name: string, manager: string, fields: object, query = '') =>
    send('PATCH', `configmaps/${name}?fieldManager=${manager}${query}`, 'apply', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      ...fields,
    });
  const data = (fields: object) => ({ body: expect.objectContaining({ data: fields }) });

  it('creates, changes, and removes what its manager applied before and names no more', async () => {
    expect(await apply('own', 'me', { data: { a: '1', b: '1' } })).toMatchObject({ status: 201 });
    await send('PATCH', 'configmaps/own', 'merge', { data: { by: 'somebody' } });
    const changed = await apply('own', 'me', { data: { a: '2' } });
    expect(changed).toMatchObject({ status: 200, ...data({ a: '2', by: 'somebody' }) });
    expect(await apply('own', 'me', { data: { a: '2' } })).toEqual(changed);
    expect(await apply('own', 'me', {})).toMatchObject(data({ by: 'somebody' }));
  });

  it('refuses to change what another applied, unless forced', async () => {
    await apply('both', 'one', { data: { a: '1', b: '1', same: 'x' } });
    const conflict = await apply('both', 'two', { data: { a: '2', same: 'x' } });
    expect(conflict).toMatchObject(refused(409, 'Conflict'));
    expect(conflict.body).toMatchObject({
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.a', message: 'conflict with "one"' }] },
    });
    expect(await apply('both', 'two', { data: { a: '2', same: 'x' } }, '&force=true')).toMatchObject({ status: 200 });
    // `a` is the other's now, `same` is of both, `b` was its own.
    expect(await apply('both', 'one', {})).toMatchObject(data({ a: '2', same: 'x' }));
    expect(await apply('both', 'two', {})).toMatchObject({
      status: 200,
      body: expect.not.objectContaining({ data: {} }),
    });
  });

  it('goes by the keys of lists', async () => {
    const pod = (manager: string, containers: object[]) =>
      send('PATCH', `pods/listed?fieldManager=${manager}`, 'apply', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'listed', finalizers: [`muster.test/${manager}`] },
        spec: { containers, automountServiceAccountToken: false },
      });
    const web = { name: 'web', image: 'web', env: [{ name: 'A', value: '1' }] };
    await pod('one', [web, { name: 'gone', image: 'x' }]);
    await pod('two', [{ name: 'web', env: [{ name: 'B', value: '2' }] }]);
    const { body } = await pod('one', [{ ...web, env: [] }]);
    expect(body).toMatchObject({
      metadata: { finalizers: ['muster.test/one', 'muster.test/two'] },
      spec: { containers: [{ name: 'web', image: 'web', env: [{ name: 'B', value: '2' }] }] },
    });
  });

  it('wants a field manager and an object', async () => {
    expect(await apply('x', '', {})).toMatchObject(refused(422, 'Invalid'));
    expect(await send('PATCH', 'configmaps/x?fieldManager=me', 'apply', {})).toMatchObject(refused(400, 'BadRequest'));
    expect(await apply('x', 'me', { metadata: { managedFields: [{}] } })).toMatchObject(refused(400, 'BadRequest'));
    const nowhere = await send('PATCH', 'pods/none/status?fieldManager=me', 'apply', { apiVersion: 'v1', kind: 'Pod' });
    expect(nowhere).toMatchObject(refused(404, 'NotFound'));
  });

  it('applies a status apart from the rest', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'a', image: 'a' }] } };
    await send('PATCH', 'pods/stated?fieldManager=me', 'apply', pod);
    const stated = { apiVersion: 'v1', kind: 'Pod', status: { message: 'so it is' }, spec: {} };
    await send('PATCH', 'pods/stated/status?fieldManager=me', 'apply', stated);
    const { body } = await send('PATCH', 'pods/stated?fieldManager=me', 'apply', pod);
    expect(body).toMatchObject({ status: { message: 'so it is' }, spec: pod.spec });
  });
});

describe('a strategic merge patch', () => {
  it('merges lists by key, and does as its directives say', async () => {
    const containers = ['a', 'b', 'c'].map((name) => ({ name, image: name }));
    const metadata = { name: 'patched', finalizers: ['muster.test/x', 'muster.test/y'] };
    await send('POST', 'pods', 'json', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { containers, automountServiceAccountToken: false },
    });
    const patch = (body: object) => send('PATCH', 'pods/patched', 'strategic', body);
    const { body } = await patch({
      metadata: { labels: { new: 'yes' }, '$deleteFromPrimitiveList/finalizers': ['muster.test/x'] },
      spec: {
        $retainKeys: ['containers', 'hostNetwork'],
        '$setElementOrder/containers': [{ name: 'c' }, { name: 'b' }],
        containers: [
          { name: 'b', image: 'other' },
          { name: 'a', $patch: 'delete' },
        ],
        hostNetwork: true,
      },
    });
    expect(body).toMatchObject({ metadata: { labels: { new: 'yes' }, finalizers: ['muster.test/y'] } });
    const wanted = [
      { name: 'c', image: 'c' },
      { name: 'b', image: 'other' },
    ];
    expect((body as { spec: object }).spec).toEqual({ containers: wanted, hostNetwork: true });
    const replaced = await patch({ spec: { containers: [{ $patch: 'replace' }, { name: 'd', image: 'd' }] } });
    expect(replaced.body).toMatchObject({ spec: { containers: [{ name: 'd' }] } });
    expect(await patch({ spec: { containers: [{ image: 'nameless' }] } })).toMatchObject(refused(400, 'BadRequest'));
  });
});

describe('a body', () => {
  it('may be YAML', async () => {
    const text = 'metadata: {name: yaml}\ndata:\n  day: 2026-11-21\n  yes: "no"\n';
    expect(await send('POST', 'configmaps', 'yaml', text)).toMatchObject({
      status: 201,
      body: expect.objectContaining({ data: { day: '2026-11-21', yes: 'no' } }),
    });
    expect(await send('POST', 'configmaps', 'yaml', 'a: [')).toMatchObject(refused(400, 'BadRequest'));
    const bomb = [
      'a: &a [x, x]',
      ...'bcdefghijk'.split('').map((name, at) => `${name}: &${name} [${`*${'abcdefghij'[at]},`.repeat(9)}]`),
    ];
    expect(await send('POST', 'configmaps', 'yaml', bomb.join('\n'))).toMatchObject(refused(400, 'BadRequest'));
  });
});
