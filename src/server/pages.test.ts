import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPages } from './pages.ts';
import { startService, type TestService } from './test-reports.ts';

const INDEX = '<!doctype html><script type="module" src="/assets/index-1a2b.js"></script>';
const ICON = '<svg xmlns="http://www.w3.org/2000/svg"/>';
const SCRIPT = 'console.log("a script that is long enough to be worth compressing, compressing, compressing")';

/** A folder as a build leaves it, with something beside it that nobody may have. */
async function built(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'muster-pages-')), 'pages');
  await mkdir(folder);
  await writeFile(join(folder, '..', 'secret.txt'), 'canary');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

describe('the built pages', () => {
  let service: TestService;
  let folder = '';
  beforeAll(async () => {
    folder = await built({
      'index.html': INDEX,
      'favicon.svg': ICON,
      'assets/index-1a2b.js': SCRIPT,
      'assets/index-1a2b.js.gz': gzipSync(SCRIPT),
      'assets/index-1a2b.js.br': brotliCompressSync(SCRIPT),
      'assets/font-3c4d.woff2': Buffer.from([1, 2, 3]),
    });
    await symlink('../secret.txt', join(folder, 'link.txt'));
    service = await startService({}, { pages: await readPages(folder) });
  });
  afterAll(async () => {
    await service.close();
    await rm(dirname(folder), { recursive: true });
  });
  const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  const ask = (path: string, init: RequestInit = {}) => fetch(service.url + path, init);

  it.each(['/', '/reports', '/reports/15', '/reports/15/files?path=a/b#L3', '/login', '/somewhere/else'])(
    '%s is the page, without a token, asked for again each time, under a strict policy',
    async (path) => {
      const answer = await ask(path, { headers: html });
      expect([answer.status, await answer.text()]).toEqual([200, INDEX]);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
          "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      const etag = answer.headers.get('etag') ?? '';
      expect((await ask(path, { headers: { ...html, 'if-none-match': etag } })).status).toBe(304);
      const head = await ask(path, { method: 'HEAD', headers: { ...html, 'accept-encoding': 'identity' } });
      expect([head.status, head.headers.get('content-length')]).toEqual([200, String(INDEX.length)]);
    },
  );

  it('come with their scripts and fonts, to be kept for a year', async () => {
    const script = await ask('/assets/index-1a2b.js');
    expect([script.status, await script.text()]).toEqual([200, SCRIPT]);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await ask('/assets/font-3c4d.woff2')).headers.get('content-type')).toBe('font/woff2');
    const icon = await ask('/favicon.svg');
    expect([icon.headers.get('content-type'), icon.headers.get('cache-control')]).toEqual([
      'image/svg+xml',
      'no-cache',
    ]);
  });

  it.each([
    ['', null],
    ['gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['br;q=0.0,gzip;q=0', null],
    ['xbr', null],
  ])('to who takes %j come as %s', async (accepted, encoding) => {
    const answer = await ask('/assets/index-1a2b.js', { headers: { 'accept-encoding': accepted || 'identity' } });
    expect([answer.headers.get('content-encoding'), answer.headers.get('vary')]).toEqual([encoding, 'accept-encoding']);
    expect(await answer.text()).toBe(SCRIPT);
  });

  it('are compressed where the build did not do that, and where it helps', async () => {
    const both = { 'accept-encoding': 'gzip, br' };
    const icon = await ask('/favicon.svg', { headers: both });
    expect([icon.headers.get('content-encoding'), await icon.text()]).toEqual(['gzip', ICON]);
    expect((await ask('/assets/font-3c4d.woff2', { headers: both })).headers.get('content-encoding')).toBeNull();
  });

  it.each(['/must-gather', '/components', '/events', '/whoami', '/must-gather/1/data'])(
    'do not stand in the way of %s',
    async (path) => {
      const refused = await ask(path, { headers: html });
      expect([refused.status, await refused.json()]).toEqual([
        401,
        expect.objectContaining({ code: expect.any(String) }),
      ]);
    },
  );

  it('do not answer programs, or what is no reading, where nothing is', async () => {
    expect((await ask('/somewhere/else')).status).toBe(401);
    const good = { authorization: 'Bearer good' };
    const answer = await ask('/somewhere/else', { headers: good });
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ code: 'NotFound' })]);
    expect((await ask('/somewhere/else', { method: 'POST', headers: { ...html, ...good } })).status).toBe(404);
    expect((await ask('/', { method: 'POST', headers: html })).status).toBe(405);
  });

  it('say of a file that an older build had that it is gone', async () => {
    const answer = await ask('/assets/index-0000.js', { headers: { accept: '*/*' } });
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ code: 'NotFound' })]);
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..\\..\\secret.txt',
    '/assets//etc/passwd',
    '/link.txt',
    '/assets/index-1a2b.js.gz',
    '/assets/',
    '/assets/%00',
  ])('end at their folder: %s', async (path) => {
    const { status, said } = await raw(service.url, path);
    expect(said).not.toContain('canary');
    expect([400, 401, 404]).toContain(status);
  });
});

describe('reading pages', () => {
  it('finds none where none were built', async () => {
    expect(await readPages('/nowhere/at/all')).toBeUndefined();
    const folder = await built({ 'half.js': '1' });
    expect(await readPages(folder)).toBeUndefined();
    await rm(dirname(folder), { recursive: true });
  });

  it.each<[string, Record<string, Buffer | string>, RegExp]>([
    [
      'more than pages are',
      { 'index.html': INDEX, 'assets/big.js': Buffer.alloc(33 * 1024 * 1024) },
      /bytes, more than/,
    ],
    ['a name that would be a pattern', { 'index.html': INDEX, 'assets/:a.js': '1' }, /no page has a name/],
    ['a hidden file', { 'index.html': INDEX, '.env': 'canary' }, /no page has a name/],
  ])('refuses %s', async (_what, files, message) => {
    const folder = await built(files);
    await expect(readPages(folder)).rejects.toThrow(message);
    await rm(dirname(folder), { recursive: true });
  });
});

it('without built pages there is a plain one that says so, also for their routes', async () => {
  const service = await startService();
  try {
    for (const path of ['/', '/login', '/reports', '/reports/1']) {
      expect(await (await fetch(service.url + path)).text()).toContain('npm run pages');
    }
    expect((await fetch(`${service.url}/else`, { headers: { accept: 'text/html' } })).status).toBe(401);
  } finally {
    await service.close();
  }
});

/** A GET of the path as it is: `fetch` would tidy it. */
function raw(url: string, path: string): Promise<{ status: number; said: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const asked = request({ hostname, port, path, signal: AbortSignal.timeout(10_000) }, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, said }), reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}
