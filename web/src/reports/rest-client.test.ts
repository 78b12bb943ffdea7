import { describe, expect, it } from 'vitest';
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
});
