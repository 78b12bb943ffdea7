import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { followLogs, readLogs } from './logs.ts';
import { type Answer, sendStatus, startServer, type TestServer, testTimers } from './test-server.ts';
import { realTimers, type Timers } from './timers.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

const at = (second: number, text: string) => `2026-01-01T00:00:0${second}.000000001Z ${text}\n`;

async function follow(answer: Answer, ended: () => boolean, timers: Timers = realTimers): Promise<string> {
  server = await startServer(answer);
  const options = { namespace: 'n', pod: 'p', container: 'c', signal: AbortSignal.timeout(20_000), timers, ended };
  const chunks = await Array.fromAsync(
    followLogs(server.kube(), { ...options, giveUpAfterMs: 1500, random: () => 0.9 }),
  );
  return Buffer.concat(chunks).toString();
}

describe('a followed log', () => {
  it('is whole over streams that end early, are cut within a line, or fail', async () => {
    let hasEnded = false;
    const waiting = 'container "c" in pod "p" is waiting to start';
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => response.end(`${at(1, 'a')}${at(2, 'b')}`),
      (response) => sendStatus(response, 400, 'BadRequest', waiting),
      (response) => {
        response.write(`${at(2, 'b')}${at(3, 'long line').slice(0, -5)}`);
        setTimeout(() => response.destroy(), 30);
      },
      (response) => response.end(`${at(3, 'long line')}${at(4, 'z')}`),
      (response) => response.end(`${at(4, 'z')}${at(5, 'last words')}`),
    ];
    const text = await follow(
      (_request, response, count) => {
        hasEnded = count >= 4;
        answers[count - 1]?.(response);
      },
      () => hasEnded,
    );
    expect(text).toBe('a\nb\nlong line\nz\nlast words\n');
    // A second of overlap, for lines that are stamped out of order.
    expect(server?.requests.map((line) => /sinceTime=([^&]*)/.exec(line)?.[1])).toEqual(
      [undefined, '01', '01', '02', '03'].map((second) => second && `2026-01-01T00%3A00%3A${second}Z`),
    );
    expect(server?.requests.map((line) => line.includes('follow=true'))).toEqual([true, true, true, true, false]);
  });

  it('fails only after failing for long, at once when the pod is gone, and soon when the container has ended', async () => {
    const refused = follow(
      (_request, response) => sendStatus(response, 403, 'Forbidden'),
      () => false,
    );
    await expect(refused).rejects.toMatchObject({ status: 403 });
    expect(server?.requests.length).toBeGreaterThan(3);
    await server?.close();
    const gone = follow(
      (_request, response) => sendStatus(response, 404, 'NotFound'),
      () => false,
    );
    await expect(gone).rejects.toMatchObject({ status: 404 });
    expect(server?.requests).toHaveLength(1);
    await server?.close();
    const lost = follow(
      (_request, response) => response.end('unable to retrieve container logs for x'),
      () => true,
    );
    await expect(lost).rejects.toMatchObject({ reason: 'NoLog' });
    expect(server?.requests).toHaveLength(3);
  });

  it('asks anew when nothing was heard for long, for the socket may be dead', async () => {
    const timers = testTimers();
    const followed = follow(
      (_request, response, count) => {
        if (count === 1) response.write(at(1, 'a'));
        else response.end(`${at(1, 'a')}${at(2, 'b')}`);
      },
      () => (server?.requests.length ?? 0) > 0 && timers.now() > 1_700_000_100_000,
      timers,
    );
    for (let round = 0; round < 10; round++) await timers.advance(30_000);
    expect(await followed).toBe('a\nb\n');
  });

  it('is read once, as it is, when not followed', async () => {
    server = await startServer((_request, response) => response.end('as\0it is'));
    const options = { namespace: 'n', pod: 'p', container: 'c', signal: AbortSignal.timeout(5000), previous: true };
    const chunks = await Array.fromAsync(readLogs(server.kube(), options));
    expect(Buffer.concat(chunks).toString()).toBe('as\0it is');
    expect(server.requests).toEqual(['GET /api/v1/namespaces/n/pods/p/log?container=c&previous=true']);
  });
});
