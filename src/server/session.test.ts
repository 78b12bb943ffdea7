import { EncryptJWT, SignJWT } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Access, NoClusterAdmin } from './access.ts';
import type { ServerOptions } from './create-server.ts';
import { createLongAnswers } from './long-answers.ts';
import { createOpenAccess } from './open-access.ts';
import { createSessionCookies } from './session-cookie.ts';
import { createSignedInAccess } from './sign-in.ts';
import { startService, type TestService, testCookies } from './test-reports.ts';
import { tokenRejected } from './token-answers.ts';

const key = new Uint8Array(32).fill(7);
const SAME = { 'sec-fetch-site': 'same-origin' };
const json = { 'content-type': 'application/json' };

/** Text, and then nothing for ever. */
async function* endless(signal: AbortSignal): AsyncGenerator<string> {
  yield 'a';
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

let service: TestService;
afterEach(() => service?.close());

async function start(options: Partial<ServerOptions> = {}): Promise<void> {
  service = await startService({}, options);
}
const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(service.url + path, { ...init, headers });
const signIn = (token: unknown, headers: Record<string, string> = SAME) =>
  ask('/login', { ...json, ...headers }, { method: 'POST', body: JSON.stringify({ token }) });
/** The cookie of who signed in. */
async function cookieOf(token = 'good'): Promise<{ cookie: string }> {
  const answer = await signIn(token);
  expect(answer.status).toBe(200);
  return { cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

describe('signing in', () => {
  it('takes a good token and gives back a cookie that no script can read', async () => {
    await start();
    const answer = await signIn(' good\n');
    expect([answer.status, await answer.json()]).toEqual([200, { auth: 'login', user: { username: 'ada' } }]);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^muster=[\w.-]+; Max-Age=28800; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain('good');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it.each<[string, unknown, Record<string, string>, number, string]>([
    ['a bad token', 'bad', SAME, 401, 'CredentialsRejected'],
    ['a token without rights', 'weak', SAME, 403, 'RightsMissing'],
    ['no token', undefined, SAME, 400, 'InvalidInput'],
    ['an empty one', ' ', SAME, 400, 'InvalidInput'],
    ['one with a line break in it', 'a\nb', SAME, 400, 'InvalidInput'],
    ['a list', ['good'], SAME, 400, 'InvalidInput'],
    ['another site', 'good', { 'sec-fetch-site': 'cross-site' }, 403, 'CrossSite'],
    ['a sibling', 'good', { 'sec-fetch-site': 'same-site' }, 403, 'CrossSite'],
    ['another origin', 'good', { origin: 'https://evil.example' }, 403, 'CrossSite'],
    ['an impersonator', 'good', { ...SAME, 'impersonate-user': 'root' }, 403, 'RightsMissing'],
  ])('refuses %s', async (_what, token, headers, status, code) => {
    await start();
    const answer = await signIn(token, headers);
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ code })]);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('takes no form, which any page could send', async () => {
    await start();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('/login', form, { method: 'POST', body: 'token=good' })).status).toBe(400);
  });

  it('counts bad tokens with all others', async () => {
    await start();
    for (let at = 0; at < 20; at += 1) expect((await signIn('bad')).status).toBe(401);
    const refused = await signIn('bad');
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true]);
    expect((await ask('/session', { authorization: 'Bearer bad' })).status).toBe(429);
    expect((await signIn('good')).status).toBe(200);
  });

  it('says of a token that is too long for a cookie what to do', async () => {
    await start({ access: { authorize: async () => ({ username: 'ada' }) } });
    const answer = await signIn('a'.repeat(3000));
    expect([answer.status, await answer.json()]).toEqual([
      413,
      { code: 'TooLarge', message: expect.stringMatching(/^token: .*4096 fit.*service account/) },
    ]);
    expect((await signIn('a'.repeat(2700))).status).toBe(200);
  });
});

describe('the cookie', () => {
  const cookies = (isSecure: boolean, nowMs = () => 1_000_000_000_000) =>
    createSessionCookies({ key, isSecure, nowMs });

  it('is bound to its host under TLS', async () => {
    const cookie = await cookies(true).seal('t');
    expect(cookie).toMatch(/^__Host-muster=[\w.-]+; Max-Age=28800; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    expect(cookies(true).clear()).toBe('__Host-muster=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure');
    expect(await cookies(true).open(`a=b; ${cookie.split(';')[0]}`)).toBe('t');
    expect(await cookies(true).open(cookie.replace('__Host-', ''))).toBeUndefined();
  });

  it('lives no longer than its token', async () => {
    const token = await new SignJWT({ exp: 1_000_000_000 + 600 }).setProtectedHeader({ alg: 'HS256' }).sign(key);
    let nowMs = 1_000_000_000_000;
    const those = cookies(false, () => nowMs);
    const cookie = await those.seal(token);
    expect(cookie).toContain('Max-Age=600;');
    nowMs += 599_000;
    expect(await those.open(cookie)).toBe(token);
    nowMs += 1000;
    expect(await those.open(cookie)).toBeUndefined();
  });

  it('is kept for a token that is over by a clock that is ahead: the cluster has vouched for it', async () => {
    const issuedS = 1_000_000_000;
    const claims = { iat: issuedS, exp: issuedS + 3600 };
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(key);
    const those = cookies(false, () => (issuedS + 3601) * 1000);
    const cookie = await those.seal(token);
    expect(cookie).toContain('Max-Age=28800;');
    expect(await those.open(cookie)).toBe(token);
  });

  it('counts as none when it was changed, or sealed elsewhere, or lacks something', async () => {
    const those = cookies(false);
    const whole = (await those.seal('t')).split(';')[0] ?? '';
    expect(await those.open(whole)).toBe('t');
    for (let at = 'muster='.length; at < whole.length; at += 1) {
      const other = whole[at] === 'A' ? 'B' : 'A';
      const changed = whole.slice(0, at) + other + whole.slice(at + 1);
      // The last character of a part has bits that stand for nothing.
      if (!/^(\.|$)/.test(whole.slice(at + 1, at + 2))) expect(await those.open(changed), changed).toBeUndefined();
    }
    expect(await testCookies(() => 1_000_000_000_000).open(whole)).toBeUndefined();
    const endless = await new EncryptJWT({ token: 't' })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(key);
    for (const odd of [endless, '', 'a.b.c.d.e', '{}', undefined]) {
      expect(await those.open(odd === undefined ? undefined : `muster=${odd}`)).toBeUndefined();
    }
  });
});

describe('who is signed in', () => {
  it('is let in as with the token, with every request asked for anew', async () => {
    await start();
    const cookie = await cookieOf();
    expect(await (await ask('/whoami', cookie)).json()).toEqual({ username: 'ada' });
    expect((await ask('/must-gather', { ...cookie, ...SAME }, { method: 'POST' })).status).toBe(201);
    expect(service.audits).toEqual([{ username: 'ada', action: 'create', id: 1 }]);
    const events = await ask('/events', { ...cookie, ...SAME });
    expect([events.status, events.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await events.body?.cancel();
  });

  it('is out after signing out, and with a cookie of another service', async () => {
    await start();
    const cookie = await cookieOf();
    const out = await ask('/logout', { ...cookie, ...SAME }, { method: 'POST' });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      'muster=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict',
    ]);
    expect((await ask('/logout', { ...cookie, 'sec-fetch-site': 'cross-site' }, { method: 'POST' })).status).toBe(403);
    await service.close();
    await start();
    const answer = await ask('/whoami', cookie);
    expect([answer.status, await answer.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'CredentialsRejected' }),
    ]);
  });

  it('brings no more than the cookie: a header with a token wins', async () => {
    await start();
    const cookie = await cookieOf();
    expect((await ask('/whoami', { ...cookie, authorization: 'Bearer bad' })).status).toBe(401);
    const foreign = { ...cookie, authorization: 'Bearer good', 'sec-fetch-site': 'cross-site' };
    expect((await ask('/must-gather', foreign, { method: 'POST' })).status).toBe(201);
  });

  it('hears no more when the session is over, or the right is gone', async () => {
    for (const ends of ['session', 'right'] as const) {
      const clock = { nowMs: 1_000_000_000_000 };
      const cookies = createSessionCookies({ key, isSecure: false, nowMs: () => clock.nowMs });
      const tokens: unknown[] = [];
      const access: Access = {
        authorize: async ({ authorization }) => {
          tokens.push(authorization);
          if (ends === 'right' && tokens.length > 1) throw new NoClusterAdmin('ada');
          if (authorization !== 'Bearer good') throw tokenRejected('A bearer token is needed.');
          return { username: 'ada' };
        },
      };
      const alarms: (() => void)[] = [];
      const long = createLongAnswers({ addHook: () => undefined } as never, {
        access: createSignedInAccess(access, { auth: 'login', cookies }),
        onFailure: () => undefined,
        timers: {
          now: () => clock.nowMs,
          after: (_delayMs, run) => {
            alarms.push(run);
            return () => undefined;
          },
        },
      });
      const cookie = (await cookies.seal('good')).split(';')[0] ?? '';
      const stream = long.stream({ signal: new AbortController().signal, headers: { cookie } } as never, endless);
      expect(await stream.next()).toMatchObject({ value: 'a' });
      alarms.shift()?.();
      await vi.waitFor(() => expect([tokens, alarms.length]).toEqual([['Bearer good'], 1]));
      clock.nowMs += ends === 'session' ? 8 * 3_600_000 : 60_000;
      const ended = expect(stream.next()).rejects.toMatchObject({ httpStatus: ends === 'session' ? 401 : 403 });
      alarms.shift()?.();
      await ended;
    }
  });

  it('is not somebody else', async () => {
    await start();
    const cookie = await cookieOf();
    const answer = await ask('/whoami', { ...cookie, 'impersonate-user': 'root' });
    expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ code: 'RightsMissing' })]);
  });

  const host = () => new URL(service.url).host;
  it.each<[string, string, () => Record<string, string>, number]>([
    ['a page of its own', 'POST', () => SAME, 201],
    ['a page of its own, in an older browser', 'POST', () => ({ origin: `http://${host()}` }), 201],
    ['another site', 'POST', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
    [
      'another site that lies about its origin',
      'POST',
      () => ({ 'sec-fetch-site': 'cross-site', origin: `http://${host()}` }),
      403,
    ],
    ['a sibling of its host', 'POST', () => ({ 'sec-fetch-site': 'same-site' }), 403],
    ['the address bar', 'POST', () => ({ 'sec-fetch-site': 'none' }), 403],
    ['another origin', 'POST', () => ({ origin: 'https://evil.example' }), 403],
    ['another port', 'POST', () => ({ origin: 'http://127.0.0.1:1' }), 403],
    ['a page in a sandbox', 'POST', () => ({ origin: 'null' }), 403],
    ['nobody knows where', 'POST', () => ({}), 403],
    ['another site, to read', 'GET', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
    ['the address bar, to read', 'GET', () => ({ 'sec-fetch-site': 'none' }), 200],
    ['nobody knows where, to read', 'GET', () => ({}), 200],
  ])('from %s by %s', async (_where, method, headers, status) => {
    await start();
    const answer = await ask('/must-gather', { ...(await cookieOf()), ...headers() }, { method });
    expect(answer.status).toBe(status);
    if (status === 403) expect(await answer.json()).toMatchObject({ code: 'CrossSite' });
    expect([...service.reports.list()]).toHaveLength(status === 201 ? 1 : 0);
  });
});

describe('the session', () => {
  const session = async (headers: Record<string, string> = {}) => {
    const answer = await ask('/session', headers);
    return [answer.status, await answer.json()];
  };

  it('tells who is signed in with a cookie or a token', async () => {
    await start();
    expect(await session()).toEqual([200, { auth: 'login' }]);
    expect(await session(await cookieOf())).toEqual([200, { auth: 'login', user: { username: 'ada' } }]);
    expect(await session({ cookie: 'muster=nonsense' })).toEqual([200, { auth: 'login' }]);
    expect(await session({ authorization: 'Bearer good' })).toEqual([
      200,
      { auth: 'login', user: { username: 'ada' } },
    ]);
  });

  it('tells of who may not', async () => {
    await start();
    const forbidden = [200, { auth: 'login', user: { username: 'bob' }, forbidden: true }];
    expect(await session({ authorization: 'Bearer weak' })).toEqual(forbidden);
  });

  it('is everybody’s without tokens; nobody signs in or out', async () => {
    await start({ access: createOpenAccess('127.0.0.1'), signIn: { auth: 'none' } });
    expect(await session()).toEqual([200, { auth: 'none', user: { username: 'anonymous' } }]);
    expect((await session({ origin: 'https://evil.example' }))[0]).toBe(403);
    expect((await signIn('good')).status).toBe(404);
    expect((await ask('/logout', SAME, { method: 'POST' })).status).toBe(404);
  });

  it('is not told while the cluster cannot be asked', async () => {
    const access = {
      authorize: () => Promise.reject(Object.assign(new Error('late'), { name: 'TimeoutError' })),
    };
    await start({ access });
    expect((await session())[0]).toBe(503);
  });
});

describe('behind a proxy that signs people in', () => {
  const proxied = (token: string) => ({ 'x-forwarded-access-token': token });
  const behind = { signIn: { auth: 'proxy', tokenHeader: 'x-forwarded-access-token' } } as const;

  it('its header is the token, whatever else it adds', async () => {
    await start(behind);
    expect(await (await ask('/session', proxied('good'))).json()).toEqual({ auth: 'proxy', user: { username: 'ada' } });
    expect(await (await ask('/session')).json()).toEqual({ auth: 'proxy' });
    const basic = { ...proxied('good'), authorization: 'Basic YWRhOg==' };
    expect((await ask('/whoami', basic)).status).toBe(200);
    expect((await ask('/whoami', { ...proxied('bad'), authorization: 'Bearer good' })).status).toBe(401);
    expect((await ask('/whoami', { authorization: 'Bearer good' })).status).toBe(200);
    expect((await signIn('good')).status).toBe(404);
  });

  it('other sites cannot ask in the name of who is signed in there', async () => {
    await start(behind);
    const post = (headers: Record<string, string>) => ask('/must-gather', headers, { method: 'POST' });
    expect((await post({ ...proxied('good'), 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post(proxied('good'))).status).toBe(403);
    expect((await post({ ...proxied('good'), ...SAME })).status).toBe(201);
  });

  it('is not believed where nobody said that there is one', async () => {
    await start();
    expect((await ask('/whoami', proxied('good'))).status).toBe(401);
    expect(await (await ask('/session', proxied('good'))).json()).toEqual({ auth: 'login' });
  });
});
