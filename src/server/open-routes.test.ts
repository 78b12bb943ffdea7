import { afterEach, describe, expect, it } from 'vitest';
import type { ReadyCheck } from './health-routes.ts';
import { startService, type TestService } from './test-reports.ts';

let service: TestService | undefined;
afterEach(() => service?.close());

async function ask(path: string, method = 'GET'): Promise<Response> {
  service ??= await startService();
  return fetch(`${service.url}${path}`, { method });
}

async function serviceThat(ready: () => Promise<readonly ReadyCheck[]>): Promise<void> {
  service = await startService({}, { ready });
}

describe('without a token', () => {
  it.each(['/', '/healthz', '/readyz'])('%s is answered, and refuses what it has not by name', async (path) => {
    expect((await ask(path)).status).toBe(200);
    expect((await ask(path, 'HEAD')).status).toBe(200);
    const refused = await ask(path, 'POST');
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    await service?.close();
    service = undefined;
  });

  it('the front page says what this is and runs nothing', async () => {
    service = await startService();
    const page = await ask('/');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
    const html = await page.text();
    expect(html).toContain('href="/docs"');
    expect(html).toContain('href="/openapi.json"');
    expect(html).not.toMatch(/<script|javascript:| on\w+=/i);
  });
});

describe('ready', () => {
  it('tells each check', async () => {
    const checks = [{ name: 'store', ok: true, message: 'writable' }];
    await serviceThat(async () => checks);
    expect(await (await ask('/readyz')).json()).toEqual({ ready: true, checks });
  });

  it('is not while something is missing, by name and reason', async () => {
    const checks = [
      { name: 'cluster', ok: true, message: '' },
      { name: 'store', ok: false, message: 'cannot be written' },
    ];
    await serviceThat(async () => checks);
    const answer = await ask('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ code: 'NotReady', message: 'store: cannot be written', checks });
    expect((await ask('/healthz')).status).toBe(200);
  });

  it('is not when nobody can tell', async () => {
    await serviceThat(() => Promise.reject(new Error('no cache yet')));
    const answer = await ask('/readyz');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ message: 'checks: no cache yet' }),
    ]);
  });

  it('is asked once for all who ask at the same time', async () => {
    let asked = 0;
    await serviceThat(async () => {
      asked += 1;
      return [];
    });
    await Promise.all(Array.from({ length: 20 }, () => ask('/readyz')));
    expect(asked).toBe(1);
  });
});
