import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendStatus } from '../kube/test-server.ts';
import { answerFrom, type Fixture, listOf, openFixture, pod, shop } from './test-api.ts';

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

  it('of the server itself (500, and again) is told, and the rest is written', async () => {
    await fixture.serve({ ...shop, '/api/v1/namespaces/shop/secrets': { status: 500, text: 'etcd is ill' } });
    const { errors } = await fixture.run(['ns/shop']);
    expect(errors).toEqual([expect.stringContaining('etcd is ill')]);
    expect(fixture.requests().filter((request) => request.includes('/secrets'))).toHaveLength(4);
    expect(await fixture.files()).not.toContain('namespaces/shop/core/secrets.yaml');
    expect(await fixture.files()).toContain('namespaces/shop/pods/web/main/main/logs/current.log');
  });

  it('with the name of one object costs that object only', async () => {
    const named = (name: string) => ({ metadata: { name, namespace: 'shop' } });
    await fixture.serve({
      ...shop,
      '/api/v1/namespaces/shop/configmaps': listOf(named('../../../up'), named('fine')),
      '/api/v1/namespaces/shop/pods': listOf({ ...pod('x'), ...named('../up') }, pod('web')),
    });
    const { errors } = await fixture.run(['configmaps', 'ns/shop'], { namespace: 'shop' });
    expect(errors).toHaveLength(2);
    expect(errors.join()).toContain('"../up" cannot be the name of a file');
    const found = await fixture.files();
    expect(found).toContain('namespaces/shop/core/configmaps/fine.yaml');
    expect(found).toContain('namespaces/shop/pods/web/main/main/logs/current.log');
    expect(await fixture.read('namespaces/shop/core/pods.yaml')).not.toContain('cut off');
  });
});

describe('a node', () => {
  const logPath = /pods\/(\w+)-\d+\/log$/;
  /** Thirty pods on each of two nodes, and one request at a time, so that what is asked can be counted. */
  async function inspectLogs(answerLog: (node: string, response: ServerResponse) => void) {
    const names = Array.from({ length: 30 }, (_value, index) => index);
    const on = (node: string) => names.map((index) => ({ ...pod(`${node}-${index}`), ...placed(node) }));
    const scripted = { ...shop, '/api/v1/namespaces/shop/pods': listOf(...on('dead'), ...on('well')) };
    await fixture.serveWith((request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      const [, node] = logPath.exec(path) ?? [];
      if (node === undefined) answerFrom(scripted, path, response);
      else answerLog(node, response);
    });
    const inspected = await fixture.run(['ns/shop'], { concurrency: 1 });
    const asked = (node: string) => new Set(fixture.requests().filter((line) => line.includes(`/${node}-`))).size;
    return { ...inspected, asked };
  }
  const placed = (nodeName: string) => ({
    spec: { nodeName, containers: [{ name: 'main', image: 'i' }] },
    status: { containerStatuses: [{ name: 'main', state: { running: {} } }] },
  });

  it('that is down costs three failures, not one for each of its logs', async () => {
    const dial = 'Get "https://10.0.0.9:10250/containerLogs/x": dial tcp 10.0.0.9:10250: connect: no route to host';
    const { errors, asked } = await inspectLogs((node, response) => {
      if (node === 'well') response.end('fine\n');
      else sendStatus(response, 500, 'InternalError', dial);
    });
    expect(errors).toHaveLength(3);
    expect([asked('dead'), asked('well')]).toEqual([3, 30]);
    expect(fixture.said).toContain('node dead does not give logs: the others of its logs are left out');
  });

  it('whose logs are all cut off, as when the API server starts anew, is asked on', async () => {
    const { errors, asked } = await inspectLogs((node, response) => {
      if (node === 'well') return response.end('fine\n');
      response.write('2026-11-21T02:00:00Z half a li');
      return setTimeout(() => response.destroy(), 5);
    });
    expect(errors).toHaveLength(30);
    expect([asked('dead'), asked('well')]).toEqual([30, 30]);
    expect(await fixture.read('namespaces/shop/pods/dead-0/main/main/logs/current.log')).toContain('half a li');
  });

  it('is not asked insecurely because of a name', async () => {
    await fixture.serve({
      ...shop,
      '/api/v1/namespaces/shop/pods': listOf({ ...pod('tls-certificate-proxy') }),
      '/api/v1/namespaces/shop/pods/tls-certificate-proxy/log': { status: 400, text: 'the kubelet is cross' },
    });
    expect((await fixture.run(['ns/shop'])).errors).toHaveLength(3);
    expect(fixture.requests().filter((request) => request.includes('insecureSkipTLSVerifyBackend'))).toEqual([]);
  });
});
