import { afterEach, expect, it } from 'vitest';
import { KubeError } from '../kube/errors.ts';
import { type Answer, startServer, type TestServer, testTimers } from '../kube/test-server.ts';
import { openText } from './text-stream.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

const timers = testTimers();

/** Reads what the server sends, at the pace of `onChunk`. */
async function read(answer: Answer, onChunk: () => unknown): Promise<string> {
  server = await startServer(answer);
  let text = '';
  for await (const chunk of await openText(server.kube(), '/log', [], new AbortController().signal, timers)) {
    text += Buffer.from(chunk).toString();
    await onChunk();
  }
  return text;
}

it('gives up a log that stands still, as the fault of its node', async () => {
  const silent = read(
    (_request, response) => response.write('half'),
    () => void timers.advance(60_000),
  );
  await expect(silent).rejects.toThrow(KubeError);
  await expect(silent).rejects.toMatchObject({ status: 0, message: 'get /log: cut off: silent for 60 s' });
});

it('does not count the time that writing takes', async () => {
  const slow = read(
    (_request, response) => {
      response.write('one ');
      setTimeout(() => response.end('two'), 100);
    },
    () => timers.advance(100_000),
  );
  expect(await slow).toBe('one two');
});
