import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RequestFailed } from './request-failed.ts';
import { createRestClient } from './rest-client.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');

const answering = (body: string, init: ResponseInit) =>
  createRestClient(
    async () => new Response(body, init),
    () => NOW,
  );

describe('the pages’ way to the service', () => {
  it('tells errors in the words of the service', async () => {
    const body = '{"code":"RightsMissing","message":"ada is no cluster-admin, which a report needs."}';
    const failed = answering(body, { status: 403 }).json('/must-gather');
    await expect(failed).rejects.toMatchObject({
      status: 403,
      code: 'RightsMissing',
      message: 'ada is no cluster-admin, which a report needs.',
      isPassing: false,
    });
  });

  it('tells of a proxy that answers in its own words', async () => {
    const failed = answering('<html>', { status: 502, statusText: 'Bad Gateway' }).json('/must-gather');
    await expect(failed).rejects.toMatchObject({ status: 502, code: '', message: 'Bad Gateway', isPassing: true });
  });

  it('tells when nobody answers, and lets an abort be one', async () => {
    const client = createRestClient(
      async (_path, { signal }) => {
        signal?.throwIfAborted();
        throw new TypeError('fetch failed');
      },
      () => NOW,
    );
    await expect(client.answer('/session')).rejects.toEqual(new RequestFailed(0, '', 'fetch failed'));
    const signal = AbortSignal.abort(new Error('left the page'));
    await expect(client.answer('/session', { signal })).rejects.toThrow('left the page');
  });

  it('knows the clock of the service, be it an hour ahead or behind', async () => {
    for (const hours of [1, -1]) {
      const date = new Date(NOW + hours * 3_600_000).toUTCString();
      const client = answering('{}', { headers: { date } });
      await client.json('/session');
      expect(client.aheadMs()).toBe(hours * 3_600_000);
    }
    const client = answering('{}', { headers: { date: new Date(NOW - 1000).toUTCString() } });
    await client.json('/session');
    expect(client.aheadMs()).toBe(0);
  });

  it.each([
    ['says nothing', ''],
    ['stops in the middle of its answer', '{"half": '],
  ])('gives up a service that %s, but waits for a stream', async (_what, begun) => {
    const server = createServer((_request, response) => {
      if (begun === '') setTimeout(() => response.end('late'), 400);
      else response.write(begun);
    });
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = createRestClient(
      (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
      () => NOW,
      100,
    );
    await expect(client.json('/overview')).rejects.toMatchObject({
      name: 'RequestFailed',
      status: 0,
      isPassing: true,
      message: 'The service did not answer within 0.1 seconds.',
    });
    const left = new AbortController();
    const leaving = client.json('/overview', { signal: left.signal });
    left.abort(new Error('left the page'));
    await expect(leaving).rejects.toThrow('left the page');
    const answer = await client.answer('/must-gather/1/logs');
    expect(answer.status).toBe(200);
    await answer.body?.cancel();
  });
});
