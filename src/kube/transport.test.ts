import { afterEach, describe, expect, it } from 'vitest';
import { createKube } from './client.ts';
import type { CredentialsSource } from './credentials.ts';
import type { Kube } from './kube.ts';
import { sendJson, sendStatus, startServer, type TestServer, testTimers } from './test-server.ts';
import { realTimers } from './timers.ts';
import { openTransport } from './transport.ts';

let server: TestServer | undefined;
let kube: Kube | undefined;
afterEach(async () => {
  await kube?.close();
  await server?.close();
});

/** A client whose credentials come from `source`. */
function openClient(url: string, source: CredentialsSource): Kube {
  kube = createKube({
    server: url,
    contextName: '',
    transport: openTransport({ credentials: source, timers: realTimers }),
    requestTimeoutMs: 5000,
    timers: realTimers,
    random: () => 0,
  });
  return kube;
}

/** A server that takes one token, and a client. */
async function serve(taken: string, source: CredentialsSource): Promise<Kube> {
  server = await startServer((request, response) => {
    if (request.headers.authorization === taken) sendJson(response, {});
    else sendStatus(response, 401, 'Unauthorized');
  });
  return openClient(server.url, source);
}

const credentials = (token: string) => ({ headers: { Authorization: token }, tls: {} });
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('credentials', () => {
  it('that are not taken are asked for anew once, however many requests were refused', async () => {
    let renewals = 0;
    const client = await serve('new', async (fresh) => {
      if (!fresh) return credentials('old');
      renewals++;
      await wait(30);
      return credentials('new');
    });
    // The second half comes back when the first has renewed already.
    const asked = Array.from({ length: 16 }, async (_value, index) => {
      await wait(index < 8 ? 0 : 20);
      return client.json('/version');
    });
    expect(await Promise.all(asked)).toHaveLength(16);
    expect(renewals).toBe(1);
  });

  it('that take long, as a login does, are asked for once', async () => {
    const timers = testTimers();
    const login = Promise.withResolvers<void>();
    let logins = 0;
    const transport = openTransport({
      credentials: async () => {
        logins++;
        await login.promise;
        return credentials('mine');
      },
      timers,
    });
    const first = transport.session();
    await timers.advance(60_000);
    const second = transport.session();
    login.resolve();
    expect(await second).toBe(await first);
    await timers.advance(9_000);
    expect(await transport.session()).toBe(await first);
    expect(logins).toBe(1);
    await timers.advance(2_000);
    await transport.session();
    expect(logins).toBe(2);
    await transport.close();
  });

  it('are asked for again when what was renewed is refused later', async () => {
    let renewals = 0;
    const client = await serve('2', (fresh) => Promise.resolve(credentials(String(fresh ? ++renewals : 0))));
    await expect(client.json('/version')).rejects.toMatchObject({ status: 401 });
    expect(await client.json('/version')).toEqual({});
    expect(renewals).toBe(2);
  });

  it('that take long do not hold up a caller who gives up', async () => {
    const client = await serve('new', (fresh) =>
      fresh ? new Promise(() => undefined) : Promise.resolve(credentials('old')),
    );
    const caller = new AbortController();
    const asked = client.json('/version', { signal: caller.signal });
    setTimeout(() => caller.abort(new Error('enough')), 100);
    await expect(asked).rejects.toThrow('enough');
    // And the connection for an exec.
    const opened = client.webSocket('/exec', [], { signal: AbortSignal.timeout(100) });
    await expect(opened).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

it('a redirect is no answer: nobody else is asked, and no token leaves', async () => {
  const other = await startServer((_request, response) => sendJson(response, {}));
  server = await startServer((_request, response) =>
    response.writeHead(307, { location: `${other.url}/version` }).end(),
  );
  const client = openClient(server.url, async () => credentials('Bearer canary'));
  await expect(client.json('/version')).rejects.toThrow();
  expect([server.requests, other.requests]).toEqual([['GET /version'], []]);
  await other.close();
});
