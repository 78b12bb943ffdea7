import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerFrom, type Fixture, openFixture, shop } from './test-api.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

describe('what goes wrong', () => {
  it('is told, and the rest is written', async () => {
    await fixture.serve({
      ...shop,
      '/api/v1/namespaces/shop/secrets': { status: 403, text: 'secrets is forbidden' },
      '/api/v1/namespaces/shop/pods/web/log': { status: 400, text: 'the kubelet is cross' },
    });
    const { errors } = await fixture.run(['ns/shop', 'ns/gone', 'unheard/of', 'nodes/..']);
    const all = errors.join('\n');
    for (const part of ['secrets is forbidden', 'the kubelet is cross', 'gone', '"unheard"', '".."']) {
      expect(all).toContain(part);
    }
    expect(await fixture.files()).toContain('namespaces/shop/core/events.yaml');
    expect(await fixture.files()).not.toContain('namespaces/shop/core/secrets.yaml');
  });

  it('is silent about containers that never ran before', async () => {
    const text = 'previous terminated container "main" in pod "web" not found';
    await fixture.serve({ ...shop, '/api/v1/namespaces/shop/pods/web/log': { status: 400, text } });
    expect((await fixture.run(['ns/shop'])).errors).toEqual([]);
    expect(await fixture.read('namespaces/shop/pods/web/main/main/logs/previous.log')).toBe('');
  });

  it('tries once more when the certificate of the kubelet is bad', async () => {
    await fixture.serveWith((request, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      if (!url.pathname.endsWith('/log')) return answerFrom(shop, url.pathname, response);
      const isInsecure = url.searchParams.has('insecureSkipTLSVerifyBackend');
      response.writeHead(isInsecure ? 200 : 501).end(isInsecure ? 'yes\n' : 'tls: failed to verify certificate: x509');
    });
    expect((await fixture.run(['ns/shop'])).errors).toEqual([]);
    expect(await fixture.read('namespaces/shop/pods/web/main/main/logs/current.insecure.log')).toBe('yes\n');
  });

  it('ends early when told, and keeps what it has', async () => {
    const stop = new AbortController();
    await fixture.serveWith((request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      if (path.endsWith('/log')) stop.abort(new Error('enough'));
      else answerFrom(shop, path, response);
    });
    const { errors } = await fixture.run(['ns/shop'], { signal: stop.signal });
    expect(errors.join()).toContain('stopped early (enough)');
    expect(await fixture.files()).toContain('event-filter.html');
  });
});
