import { afterEach, describe, expect, it } from 'vitest';
import { isConflict, KubeError, toMusterError } from './errors.ts';
import { type KubeObject, namespaces, pods } from './kinds.ts';
import { type Answer, plainKube, sendJson, sendStatus, startServer, type TestServer } from './test-server.ts';

let running: TestServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function serve(answer: Answer): Promise<TestServer> {
  running = await startServer(answer);
  return running;
}

const pod = (name: string, uid = name): KubeObject => ({ metadata: { name, uid } });

describe('requests', () => {
  it('are tried again after cut connections, 429 and 5xx, and honour Retry-After', async () => {
    const server = await serve((request, response, count) => {
      if (count === 1) request.socket.destroy();
      else if (count === 2) sendStatus(response, 500, 'InternalError');
      else if (count === 3) response.writeHead(429, { 'retry-after': '1' }).end();
      else sendJson(response, pod('a'));
    });
    const kube = server.kube();
    const startedAtMs = Date.now();
    expect((await kube.get(pods, 'a', { namespace: 'n' })).metadata.name).toBe('a');
    expect(server.requests).toHaveLength(4);
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(1000);
  });

  it('are tried again when an answer is cut off in its middle', async () => {
    const server = await serve((_request, response, count) => {
      if (count > 1) return sendJson(response, pod('a'));
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"metadata":');
      setTimeout(() => response.destroy(), 20);
    });
    expect((await server.kube().get(pods, 'a', { namespace: 'n' })).metadata.name).toBe('a');
  });

  it('give up on a server that stays broken, or that asks for more time than there is', async () => {
    const broken = await serve((_request, response) => sendStatus(response, 503, 'ServiceUnavailable'));
    await expect(broken.kube().get(pods, 'a', { namespace: 'n' })).rejects.toMatchObject({
      status: 503,
      next: 'retry',
    });
    expect(broken.requests).toHaveLength(4);
    await broken.close();
    const busy = await serve((_request, response) => response.writeHead(429, { 'retry-after': '60' }).end());
    const refused = busy.kube().get(pods, 'a', { namespace: 'n' });
    await expect(refused).rejects.toMatchObject({ status: 429, retryAfterMs: 60_000 });
    expect(busy.requests).toHaveLength(1);
  });

  it('end at the deadline when no answer comes, and at once when the caller aborts', async () => {
    const server = await serve(() => undefined);
    const slow = server.kube({ requestTimeoutMs: 200 }).get(pods, 'a', { namespace: 'n' });
    await expect(slow).rejects.toMatchObject({ status: 0, reason: 'Timeout', next: 'retry' });
    const caller = new AbortController();
    const asked = server.kube().get(pods, 'a', { namespace: 'n', signal: caller.signal });
    setTimeout(() => caller.abort(new Error('enough')), 50);
    await expect(asked).rejects.toThrow('enough');
  });

  it('that create are sent once when they may have arrived, and again after 429', async () => {
    const server = await serve((request, response, count) => {
      if (count === 1) response.writeHead(429, { 'retry-after': '0' }).end();
      else request.socket.destroy();
    });
    const created = server.kube().create(namespaces, pod('a'));
    await expect(created).rejects.toMatchObject({ status: 0, next: 'retry' });
    expect(server.requests).toHaveLength(2);
  });

  it('tell soon that nobody listens, in one line', async () => {
    const kube = plainKube('http://127.0.0.1:1', undefined, 30_000);
    const error = await kube.get(pods, 'a', { namespace: 'n' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KubeError);
    const told = toMusterError(error);
    expect(told.code).toBe('ClusterUnreachable');
    expect(told.message).toContain('http://127.0.0.1:1');
    expect(told.message).not.toContain('\n');
  });

  it('never leave the place that a name points to', async () => {
    const server = await serve((_request, response) => sendJson(response, {}));
    const kube = server.kube();
    for (const name of ['', '.', '..', 'a/b', '%2e']) {
      await expect(async () => kube.remove(pods, name, { namespace: 'n' })).rejects.toThrow('can be called');
      await expect(async () => kube.get(pods, 'a', { namespace: name })).rejects.toThrow('can be called');
    }
    expect(server.requests).toEqual([]);
  });

  it('are kept below the path of the server', async () => {
    const server = await serve((_request, response) => sendJson(response, pod('a')));
    const kube = plainKube(`${server.url}/k8s/clusters/c-1`);
    await kube.get(pods, 'a b', { namespace: 'n' });
    await kube.close();
    expect(server.requests).toEqual(['GET /k8s/clusters/c-1/api/v1/namespaces/n/pods/a%20b']);
  });
});

describe('list', () => {
  const page = (names: string[], next?: string) => ({
    metadata: { resourceVersion: '5', continue: next },
    items: names.map((name) => pod(name)),
  });

  it('starts again when a continue token expires, without repeats', async () => {
    const server = await serve((request, response, count) => {
      const token = new URL(request.url ?? '', 'http://x').searchParams.get('continue');
      if (token === null) sendJson(response, page(count === 1 ? ['a', 'b'] : ['a', 'b', 'c'], 'next'));
      else if (count === 2) sendStatus(response, 410, 'Expired');
      else sendJson(response, page(['d']));
    });
    const found = await Array.fromAsync(server.kube().list(pods, { namespace: 'n', pageSize: 2 }));
    expect(found.map((object) => object.metadata.name)).toEqual(['a', 'b', 'c', 'd']);
    expect(found[0]).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
  });

  it('asks for everything at once when tokens always expire', async () => {
    const server = await serve((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams;
      if (query.has('continue')) sendStatus(response, 410, 'Expired');
      else sendJson(response, query.has('limit') ? page(['a'], 'next') : page(['a', 'b']));
    });
    const found = await Array.fromAsync(server.kube().list(pods, { pageSize: 1 }));
    expect(found.map((object) => object.metadata.name)).toEqual(['a', 'b']);
  });
});

describe('remove', () => {
  it('succeeds when the object is gone, and refuses another of the same name', async () => {
    const server = await serve((request, response, count) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        if (count === 1) return sendStatus(response, 404, 'NotFound');
        expect(JSON.parse(body).preconditions).toEqual({ uid: 'u' });
        return sendStatus(response, 409, 'Conflict');
      });
    });
    const kube = server.kube();
    await kube.remove(pods, 'a', { namespace: 'n' });
    await expect(kube.remove(pods, 'a', { namespace: 'n', uid: 'u' })).rejects.toSatisfy(isConflict);
  });
});

describe('errors for people', () => {
  const told = async (status: number, reason: string, message: string) => {
    const server = await serve((_request, response) => sendStatus(response, status, reason, message));
    const error = await server
      .kube()
      .create(namespaces, pod('a'))
      .catch((thrown: unknown) => thrown);
    await server.close();
    running = undefined;
    return toMusterError(error);
  };

  it('name the right that is missing, and tell the cluster’s own reason', async () => {
    const forbidden = await told(403, 'Forbidden', 'User "eve" cannot create resource "namespaces"');
    expect(forbidden.code).toBe('RightsMissing');
    expect(forbidden.message).toContain('create namespaces a');
    expect((await told(401, 'Unauthorized', 'Unauthorized')).code).toBe('CredentialsRejected');
    expect(await told(422, 'Invalid', 'name is too long')).toMatchObject({
      code: 'ClusterRefused',
      message: expect.stringContaining('name is too long'),
    });
  });

  it('take a page that is no JSON for what it is', async () => {
    const server = await serve((_request, response) => response.end('<html>log in</html>'));
    await expect(server.kube().json('/api')).rejects.toMatchObject({ reason: 'NotJson', next: 'terminal' });
  });
});
