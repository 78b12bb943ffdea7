import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendJson, sendStatus, startServer, type TestServer } from '../kube/test-server.ts';
import { readServiceConfig } from '../report/service-config.ts';
import { openSignIn } from './service-sign-in.ts';

describe('how browsers sign in, as the service was told', () => {
  let folder = '';
  let api: TestServer;
  const secrets: string[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-sign-in-'));
    secrets.length = 0;
    // Keeps the Secret that it is sent, and gives that back.
    api = await startServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method === 'POST') secrets.push(Buffer.concat(chunks).toString());
        const [kept] = secrets;
        if (kept === undefined) sendStatus(response, 404, 'NotFound');
        else sendJson(response, JSON.parse(kept));
      });
    });
  });
  afterEach(async () => {
    await api.close();
    await rm(folder, { recursive: true });
  });
  const open = (flags: Record<string, string>, isInCluster = false) => {
    const config = readServiceConfig({ flags: { store: folder, ...flags }, env: {}, podNamespace: undefined });
    return openSignIn(api.kube(), config, { isInCluster, nowMs: Date.now });
  };

  it('not at all, or by a proxy: no key is made', async () => {
    expect(await open({ auth: 'none' })).toEqual({ auth: 'none' });
    const proxy = { auth: 'proxy', tokenHeader: 'x-forwarded-access-token' };
    expect(await open({ 'proxy-token-header': 'X-Forwarded-Access-Token' }, true)).toEqual(proxy);
    expect(api.requests).toEqual([]);
  });

  it.each([false, true])(
    'by a login page, whose cookies every start can open (in a cluster: %s)',
    async (isInCluster) => {
      const first = await open({}, isInCluster);
      const next = await open({}, isInCluster);
      if (first.auth !== 'login' || next.auth !== 'login') throw new Error('expected a login page');
      const cookie = await first.cookies.seal('t');
      expect(cookie).toMatch(/^__Host-muster=.*; Secure$/);
      expect(await next.cookies.open(cookie.split(';')[0])).toBe('t');
      expect(secrets).toHaveLength(isInCluster ? 1 : 0);
    },
  );
});
