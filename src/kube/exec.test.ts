import { fork } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { execInPod, isCommandMissing } from './exec.ts';
import { sendStatus, startServer, type TestServer, testTimers } from './test-server.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

/** A pod that speaks `protocol` and does what `talk` says. */
async function pod(protocol: string, talk: (socket: WebSocket) => void): Promise<TestServer> {
  const started = await startServer((_request, response) => sendStatus(response, 404, 'NotFound'));
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  started.server.on('upgrade', (request, socket, head) => {
    started.requests.push(`UPGRADE ${request.url}`);
    sockets.handleUpgrade(request, socket, head, talk);
  });
  server = started;
  return started;
}

const at = { namespace: 'n', pod: 'p', container: 'c' };
const say = (channel: number, words: string | Buffer) => Buffer.concat([Buffer.of(channel), Buffer.from(words)]);
const success = say(3, JSON.stringify({ metadata: {}, status: 'Success' }));
const failure = (code: string) =>
  say(
    3,
    JSON.stringify({
      kind: 'Status',
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: code }] },
    }),
  );

describe('exec', () => {
  it.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])('talks %s', async (protocol) => {
    const received: Buffer[] = [];
    const started = await pod(protocol, (socket) => {
      // Said at once, before anybody can have listened.
      socket.send(say(1, 'early '));
      const finish = () => {
        socket.send(failure('42'));
        socket.close(1000);
      };
      const answer = () => {
        for (const words of [say(2, 'complaint'), say(1, ''), say(1, 'out')]) socket.send(words);
      };
      let leftBytes = 200_000;
      socket.on('message', (data: Buffer) => {
        received.push(data);
        // Each piece of input stands behind the byte of its channel. Under v5 the client closes its input at the end.
        const isClosing = data[0] === 255;
        leftBytes -= isClosing ? 0 : data.length - 1;
        if (!isClosing && leftBytes === 0) answer();
        if (isClosing || (leftBytes === 0 && protocol.startsWith('v4'))) finish();
      });
    });
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const stdin = Readable.from([Buffer.alloc(150_000, 'a'), Buffer.alloc(50_000, 'b')]);
    const result = await execInPod(started.kube(), { ...at, command: ['sh', '-c', 'a&b'], stdin, stdout, stderr });
    expect(result).toEqual({ exitCode: 42 });
    stdout.end();
    stderr.end();
    expect([await text(stdout), await text(stderr)]).toEqual(['early out', 'complaint']);
    const input = Buffer.concat(received.filter((data) => data[0] === 0).map((data) => data.subarray(1)));
    expect(input.equals(Buffer.concat([Buffer.alloc(150_000, 'a'), Buffer.alloc(50_000, 'b')]))).toBe(true);
    expect(received.at(-1)?.equals(Buffer.of(255, 0))).toBe(protocol.startsWith('v5'));
    expect(started.requests[0]).toContain('command=sh&command=-c&command=a%26b');
  });

  it('tells a missing command, a cut connection and a refusal apart', async () => {
    const missing = {
      status: 'Failure',
      code: 500,
      reason: 'InternalError',
      message: 'exec: "tar": executable file not found in $PATH',
    };
    const first = await pod('v5.channel.k8s.io', (socket) => {
      socket.send(say(3, JSON.stringify(missing)));
      socket.close();
    });
    await expect(execInPod(first.kube(), { ...at, command: ['tar'] })).rejects.toSatisfy(isCommandMissing);
    await first.close();
    const second = await pod('v5.channel.k8s.io', (socket) => {
      socket.send(say(1, 'half'), () => socket.terminate());
    });
    const cutOff = execInPod(second.kube(), { ...at, command: ['x'], stdout: new PassThrough() });
    await expect(cutOff).rejects.toMatchObject({ status: 0, reason: 'ConnectionCut', next: 'retry' });
    await second.close();
    server = await startServer(() => undefined);
    server.server.on('upgrade', (_request, socket) => {
      const body = JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden', message: 'may not exec' });
      socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    });
    const refused = execInPod(server.kube(), { ...at, command: ['x'] });
    await expect(refused).rejects.toMatchObject({ status: 403, message: expect.stringContaining('may not exec') });
  });

  it('notices a dead socket by its silence, and ends when told to', async () => {
    const timers = testTimers();
    const started = await pod('v5.channel.k8s.io', (socket) => socket.pause());
    const dead = execInPod(started.kube(), { ...at, command: ['x'], timers });
    const seen = expect(dead).rejects.toMatchObject({ reason: 'ConnectionDead', next: 'retry' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (let round = 0; round < 4; round++) await timers.advance(20_000);
    await seen;
    const caller = new AbortController();
    const aborted = execInPod(started.kube(), { ...at, command: ['x'], signal: caller.signal });
    setTimeout(() => caller.abort(new Error('enough')), 100);
    await expect(aborted).rejects.toThrow('enough');
  });

  it('fails when a sink fails, and when it was closed', async () => {
    const started = await pod('v5.channel.k8s.io', (socket) => {
      const timer = setInterval(() => socket.send(say(1, 'more')), 5);
      socket.on('close', () => clearInterval(timer));
    });
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('no space left')) });
    await expect(execInPod(started.kube(), { ...at, command: ['x'], stdout: full })).rejects.toThrow('no space left');
    const closed = new PassThrough();
    setTimeout(() => closed.destroy(), 50);
    await expect(execInPod(started.kube(), { ...at, command: ['x'], stdout: closed })).rejects.toThrow('closed');
    // Closed before it began, such as by a write of the caller's own: it will never say `close` again.
    await expect(execInPod(started.kube(), { ...at, command: ['x'], stdout: closed })).rejects.toThrow('closed');
  });

  it('leaves nothing at the sink and the signal of its caller', async () => {
    const started = await pod('v5.channel.k8s.io', (socket) => {
      socket.send(say(1, Buffer.alloc(100_000)));
      socket.send(success);
      socket.close();
    });
    const stdout = new PassThrough({ highWaterMark: 1000 });
    const { signal } = new AbortController();
    setTimeout(() => stdout.resume(), 50);
    await execInPod(started.kube(), { ...at, command: ['x'], stdout, signal });
    const left = ['error', 'close', 'drain'].map((event) => stdout.listenerCount(event));
    expect([...left, getEventListeners(signal, 'abort').length]).toEqual([0, 0, 0, 0]);
  });

  it('closes its input also when there is no connection', async () => {
    server = await startServer(() => undefined);
    server.server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    const stdin = new PassThrough();
    await expect(execInPod(server.kube(), { ...at, command: ['x'], stdin })).rejects.toMatchObject({ status: 403 });
    expect(stdin.destroyed).toBe(true);
  });

  it.each([
    ['never ends', false],
    ['is cut', true],
  ])('tells a refusal whose reason %s', async (_how, isCut) => {
    server = await startServer(() => undefined);
    server.server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 1000\r\n\r\nmay not');
      if (isCut) setTimeout(() => socket.destroy(), 20);
    });
    const refused = execInPod(server.kube({ requestTimeoutMs: 300 }), { ...at, command: ['x'] });
    await expect(refused).rejects.toMatchObject({ status: 403, message: expect.stringContaining('may not') });
  });

  it('holds the other end back: a slow sink does not cost memory', async () => {
    const totalBytes = (process.env.MUSTER_LONG ? 2048 : 64) * 1024 * 1024;
    const piece = say(1, Buffer.alloc(32 * 1024, 'z'));
    const started = await pod('v5.channel.k8s.io', (socket) => {
      let sentBytes = 0;
      const more = (): void => {
        if (sentBytes >= totalBytes) {
          socket.send(success);
          socket.close();
          return;
        }
        sentBytes += piece.length - 1;
        // The callback comes when the kernel took it, so this end is held back by TCP alone.
        socket.send(piece, more);
      };
      more();
    });
    // Network buffers die young, but lie outside V8's heap: with its usual 16 MB of young generation it collects so
    // seldom that 50 MB of them lie about (154 MB in all), with 1 MB it stays at 111 MB, of which 104 are code.
    const execArgv = ['--max-semi-space-size=1'];
    const script = fileURLToPath(new URL('./test-slow-exec.ts', import.meta.url));
    const child = fork(script, [started.url], { execArgv });
    const told = await new Promise<{ bytes: number; peakRssMb: number }>((resolve, reject) => {
      child.once('message', (message) => resolve(message as { bytes: number; peakRssMb: number }));
      child.once('exit', (code) => reject(new Error(`the child ended with ${code}`)));
    });
    expect(told.bytes).toBe(totalBytes);
    expect(told.peakRssMb).toBeLessThan(150);
  }, 200_000);
});
