import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Call, Subresource } from '../api.ts';
import { badRequest, Refusal, statusOf } from '../status.ts';
import { NotStarted, type Running } from './container.ts';
import type { Kubelet } from './kubelet.ts';

// The channels of v5.channel.k8s.io; v4 has them all but the one that closes another (KEP-4006).
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255 };
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
// Above this much unsent, a command's output waits.
const unsentBytes = 1024 * 1024;

/** `pods/exec` over a WebSocket. There are no terminals, and there is no SPDY. */
export function podExec(kubelet: () => Kubelet): Subresource {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  return {
    verbs: ['create', 'get'],
    kind: 'PodExecOptions',
    async answer() {
      throw badRequest('exec needs a WebSocket');
    },
    async upgrade(call, request, socket, head) {
      const { container, ...options } = optionsOf(call);
      const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
      if (!protocols.some((protocol) => offered.includes(protocol))) {
        throw badRequest(`exec speaks ${protocols.join(' and ')}, not ${offered.join(', ')}`);
      }
      const run = kubelet().execIn(call.target, container);
      const webSocket = await accept(sockets, request, socket, head);
      await converse(webSocket, options, () => run(options.command, options.stdin));
    },
  };
}

type ExecOptions = { readonly command: readonly string[] } & Readonly<Record<'stdin' | 'stdout' | 'stderr', boolean>>;

function optionsOf({ query }: Call): ExecOptions & { container: string } {
  const isTrue = (name: string) => ['true', '1'].includes(query.get(name) ?? '');
  const command = query.getAll('command');
  if (command.length === 0) throw badRequest('you must specify at least 1 command');
  if (isTrue('tty')) throw badRequest('the sandbox has no terminals: leave out --tty');
  const [stdin, stdout, stderr] = [isTrue('stdin'), isTrue('stdout'), isTrue('stderr')];
  if (!stdin && !stdout && !stderr) throw badRequest('you must specify at least one of stdin, stdout, stderr');
  return { command, container: query.get('container') ?? '', stdin, stdout, stderr };
}

function accept(sockets: WebSocketServer, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> {
  return new Promise((resolve) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // Nothing may be read before somebody listens.
      webSocket.pause();
      resolve(webSocket);
    });
  });
}

/** Moves bytes both ways until the command ends, then tells how. A caller who leaves ends the command. */
async function converse(webSocket: WebSocket, options: ExecOptions, start: () => Started): Promise<void> {
  const { running, kill } = start();
  webSocket.once('close', kill);
  webSocket.on('error', kill);
  if (running.stdin !== null) receive(webSocket, running.stdin);
  else webSocket.resume();
  const out = options.stdout ? send(webSocket, channels.stdout, running.stdout) : discard(running.stdout);
  const err = options.stderr ? send(webSocket, channels.stderr, running.stderr) : discard(running.stderr);
  const verdict = await verdictOf(running);
  await Promise.allSettled([out, err]);
  webSocket.off('close', kill);
  if (webSocket.readyState !== webSocket.OPEN) return;
  webSocket.send(framed(channels.error, Buffer.from(JSON.stringify(verdict))));
  webSocket.close(1000);
}

export type Started = { readonly running: Running; readonly kill: () => void };

async function verdictOf(running: Running): Promise<object> {
  try {
    await running.started;
  } catch (error) {
    await running.exited;
    if (!(error instanceof NotStarted)) throw error;
    return statusOf(new Refusal(500, 'InternalError', `error executing command in container: ${error.message}`));
  }
  const exitCode = await running.exited;
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function receive(webSocket: WebSocket, stdin: Writable): void {
  webSocket.on('message', (data) => {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    if (bytes[0] === channels.close && bytes[1] === channels.stdin) stdin.end();
    if (bytes[0] !== channels.stdin || bytes.length === 1 || stdin.writableEnded || stdin.destroyed) return;
    if (stdin.write(bytes.subarray(1))) return;
    webSocket.pause();
    const go = () => webSocket.resume();
    stdin.once('drain', go).once('close', go);
  });
  webSocket.resume();
}

async function send(webSocket: WebSocket, channel: number, source: Readable): Promise<void> {
  for await (const chunk of source) {
    if (webSocket.readyState !== webSocket.OPEN) continue;
    const sent = new Promise<void>((resolve) => {
      webSocket.send(framed(channel, chunk as Buffer), () => resolve());
    });
    if (webSocket.bufferedAmount > unsentBytes) await sent;
  }
}

async function discard(source: Readable): Promise<void> {
  source.resume();
  await once(source, 'close');
}

function framed(channel: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([channel]), bytes]);
}
