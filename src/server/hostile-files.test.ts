import { readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileEntry, make, scratchFolder } from '../archive/test-support.ts';
import { startService, type TestService } from './test-reports.ts';

const SCRIPT = '<script>document.title="ran"</script>';
const ENDINGS = [
  ...[
    'html',
    'htm',
    'xhtml',
    'xht',
    'shtml',
    'svg',
    'svgz',
    'xml',
    'xsl',
    'xslt',
    'rss',
    'atom',
    'mathml',
    'mht',
    'mhtml',
  ],
  ...[
    'js',
    'mjs',
    'css',
    'wasm',
    'json',
    'jsonp',
    'map',
    'pdf',
    'swf',
    'xap',
    'jar',
    'class',
    'hta',
    'htc',
    'xul',
    'vtt',
  ],
  ...[
    'zip',
    'gz',
    'exe',
    'sh',
    'bat',
    'url',
    'lnk',
    'desktop',
    'webmanifest',
    'appcache',
    'log.html',
    'html.log',
    'txt',
    '',
  ],
];
const NAMES = [
  ...[
    'a"; filename="b.html',
    "a'b.html",
    'a\r\nSet-Cookie: x=1.html',
    'a\nContent-Type: text/html',
    'a;b.html',
    'a\\..\\b.html',
  ],
  ...[
    'a%0d%0aX: y.html',
    'a%2f..%2fb.html',
    '\u202elmth.txt',
    'ü.html',
    '\u{1f600}.html',
    '<img src=x onerror=1>.html',
  ],
  ...['..html', '...', '-rf', '~', 'con.html', ' .html', 'a\u2028b.html', `${'n'.repeat(250)}.html`, 'CON:stream.html'],
];
const paths = [...ENDINGS.map((ending) => `page.${ending}`), ...NAMES];

describe('files that would be pages, and names that would be headers', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
    using folder = scratchFolder();
    const made = await make(folder.path, async (writer) => {
      await writer.add({ ...fileEntry('top', 0), type: 'directory' }, Buffer.alloc(0));
      for (const path of paths) await writer.add(fileEntry(`top/${path}`, SCRIPT.length), Buffer.from(SCRIPT));
    });
    await service.reports.create({} as never, { username: 'ada' }, AbortSignal.timeout(1000));
    service.reports.end(1, 'Completed', await readFile(made.archive));
  });
  afterAll(() => service.close());

  const ask = async (name: string) => {
    const url = `${service.url}/must-gather/1/files/top/${encodeURIComponent(name)}`;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { headers: { authorization: 'Bearer good', accept: 'text/html' } }, resolve).on('error', reject);
    });
    const body = Buffer.concat(await answer.toArray()).toString();
    return { status: answer.statusCode, headers: answer.headers, raw: answer.rawHeaders, body };
  };

  it('are many', () => expect(paths.length).toBeGreaterThan(60));

  it.each(paths)('%j is text or bytes, and saved', async (name) => {
    const { status, headers, raw, body } = await ask(name);
    expect([status, body]).toEqual([200, SCRIPT]);
    expect(headers['content-type']).toMatch(/^(text\/plain; charset=utf-8|application\/octet-stream)$/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'.*sandbox/);
    expect(headers['set-cookie']).toBeUndefined();
    // One parameter in quotes that nothing closes early, and at most one more, percent-encoded.
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="[^"\\/%]*"(; filename\*=UTF-8''[A-Za-z0-9%!._~-]+)?$/,
    );
    for (const text of raw) expect(text).toMatch(/^[\x20-\x7e]*$/);
  });
});
