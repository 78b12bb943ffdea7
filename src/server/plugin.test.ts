import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFiles } from './pages.ts';
import { startService, type TestService } from './test-reports.ts';

describe("the console's plugin", () => {
  let service: TestService;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-plugin-'));
    await mkdir(join(folder, 'locales', 'en'), { recursive: true });
    await writeFile(join(folder, 'plugin-manifest.json'), '{"name":"muster"}');
    await writeFile(join(folder, 'plugin-entry.0123456789abcdef0123.min.js'), 'entry()');
    await writeFile(join(folder, 'locales', 'en', 'plugin__muster.json'), '{}');
    service = await startService({}, { plugin: await readFiles(folder) });
  });
  afterAll(async () => {
    await service.close();
    await rm(folder, { recursive: true });
  });
  const ask = (path: string) => fetch(service.url + path);

  it.each([
    ['plugin-manifest.json', '{"name":"muster"}', 'application/json; charset=utf-8', 'no-cache'],
    ['locales/en/plugin__muster.json', '{}', 'application/json; charset=utf-8', 'no-cache'],
    [
      'plugin-entry.0123456789abcdef0123.min.js',
      'entry()',
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ],
  ])('%s is served without a token', async (name, content, type, cacheControl) => {
    const answer = await ask(`/plugin/${name}`);
    expect([answer.status, await answer.text()]).toEqual([200, content]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({ 'content-type': type, 'cache-control': cacheControl });
  });

  it('is no more than its files', async () => {
    expect((await ask('/plugin/other.js')).status).not.toBe(200);
    expect((await ask('/plugin/../secret')).status).not.toBe(200);
    expect((await ask('/plugin/%2e%2e/secret')).status).not.toBe(200);
  });
});
