import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileEntry, make, scratchFolder } from '../archive/test-support.ts';
import { type Asked, someBytes, startService, type TestService } from './test-reports.ts';

const big = someBytes(300_000);
let service: TestService;

beforeAll(async () => {
  service = await startService();
  using folder = scratchFolder();
  const made = await make(folder.path, async (writer) => {
    const add = (path: string, content: string | Buffer) =>
      writer.add(fileEntry(path, Buffer.byteLength(content)), Buffer.from(content as string));
    await writer.add({ ...fileEntry('top', 0), type: 'directory' }, Buffer.alloc(0));
    await writer.add({ ...fileEntry('top/empty', 0), type: 'directory' }, Buffer.alloc(0));
    await add('top/logs/current.log', 'line\n');
    await add('top/logs/page.html', '<script>alert(1)</script>');
    await add('top/logs/big', big);
    await add('top/logs/none.yaml', '');
    await add('top/logs/a b?ü%41', 'odd');
    for (let at = 0; at < 30; at += 1) await add(`top/many/${String(at).padStart(2, '0')}`, '');
    await writer.add({ ...fileEntry('top/logs/hard', 0), type: 'hardlink', linkTarget: 'top/logs/current.log' });
    await writer.add({ ...fileEntry('top/logs/soft', 0), type: 'symlink', linkTarget: 'current.log' });
    await writer.add({ ...fileEntry('top/logs/out', 0), type: 'symlink', linkTarget: '../many' });
  });
  await service.reports.create({} as never, { username: 'ada' }, AbortSignal.timeout(1000));
  service.reports.end(1, 'Completed', await readFile(made.archive));
});
afterAll(() => service.close());

const ask = (path: string, asked?: Asked) => service.ask(`/must-gather/1/files${path}`, asked);
type Row = { name: string; type: string; sizeBytes: number; mtime: string; linkTarget?: string };
const rowsOf = async (answer: Response) => (await answer.json()) as Row[];

describe('a folder', () => {
  it('lists what lies in it, by name, type, size and time; links are told', async () => {
    for (const top of ['', '/']) expect((await rowsOf(await ask(top))).map(({ name }) => name)).toEqual(['top']);
    const rows = await rowsOf(await ask('/top/logs'));
    expect(rows.map(({ name, type, sizeBytes }) => [name, type, sizeBytes])).toEqual([
      ['a b?ü%41', 'file', 3],
      ['big', 'file', 300_000],
      ['current.log', 'file', 5],
      ['hard', 'hardlink', 0],
      ['none.yaml', 'file', 0],
      ['out', 'symlink', 0],
      ['page.html', 'file', 25],
      ['soft', 'symlink', 0],
    ]);
    expect(rows[2]?.mtime).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(rows.find(({ name }) => name === 'out')?.linkTarget).toBe('../many');
    expect(await (await ask('/top/empty')).json()).toEqual([]);
  });

  it('comes in pages', async () => {
    const names: string[] = [];
    let next: string | undefined = '/top/many/?limit=7';
    let pages = 0;
    while (next !== undefined) {
      const page: Response = await ask(next);
      names.push(...(await rowsOf(page)).map(({ name }) => name));
      next = /^<\/must-gather\/1\/files(\/[^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      pages += 1;
    }
    expect([pages, names.length, new Set(names).size]).toEqual([5, 30, 30]);
    expect((await ask('/top/many?limit=0')).status).toBe(400);
  });
});

describe('a file', () => {
  it.each([
    ['/top/logs/current.log', 'line\n', 'text/plain; charset=utf-8', 'current.log'],
    ['/top/logs/hard', 'line\n', 'application/octet-stream', 'hard'],
    ['/top/logs/page.html', '<script>alert(1)</script>', 'application/octet-stream', 'page.html'],
    ['/top/logs/none.yaml', '', 'text/plain; charset=utf-8', 'none.yaml'],
    ['/top/logs/a%20b%3F%C3%BC%2541', 'odd', 'application/octet-stream', 'a b?__41'],
  ])('%s is saved, never run', async (path, content, type, name) => {
    const answer = await ask(path);
    expect(await answer.text()).toBe(content);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': type,
      'content-length': String(content.length),
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers.get('content-disposition')).toContain(`attachment; filename="${name}"`);
    expect(service.audits.at(-1)).toEqual({
      username: 'ada',
      action: 'fetch',
      id: 1,
      path: decodeURIComponent(path.slice(1)),
    });
  });

  it('comes in parts, on conditions', async () => {
    const whole = await ask('/top/logs/big');
    const etag = whole.headers.get('etag') ?? '';
    expect(Buffer.compare(await whole.bytes(), big)).toBe(0);
    const part = await ask('/top/logs/big', { headers: { range: 'bytes=100000-199999', 'if-range': etag } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100000-199999/300000']);
    expect(Buffer.compare(await part.bytes(), big.subarray(100_000, 200_000))).toBe(0);
    expect((await ask('/top/logs/big', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await ask('/top/logs/big', { headers: { range: 'bytes=300000-' } })).status).toBe(416);
    expect((await ask('/top/logs/current.log')).headers.get('etag')).not.toBe(etag);
    const head = await ask('/top/logs/big', { method: 'HEAD' });
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['300000', '']);
  });

  it.each([
    ['/top/logs/soft', 400, /a symlink to "current.log", which is not followed/],
    ['/top/logs/out', 400, /not followed/],
    ['/top/logs/out/00', 404, /There is no "top\/logs\/out\/00"/],
    ['/top/none', 404, /There is no/],
    ['/..%2f..%2fetc%2fpasswd', 404, /There is no/],
    ['/top%00', 404, /There is no/],
  ])('%s is refused', async (path, status, message) => {
    const answer = await ask(path);
    expect([answer.status, await answer.json()]).toEqual([
      status,
      expect.objectContaining({ message: expect.stringMatching(message) }),
    ]);
    expect(service.failures).toEqual([]);
  });

  it('is not there before the report has ended', async () => {
    await service.reports.create({} as never, { username: 'ada' }, AbortSignal.timeout(1000));
    const answer = await service.ask('/must-gather/2/files/top');
    expect(await answer.json()).toEqual({ code: 'NotFound', message: 'Report 2 has no archive yet.' });
  });
});
