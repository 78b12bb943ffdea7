import { spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';

/** What becomes of one request: let through, answered with a status, or cut after so many bytes of the answer. */
export type Fate = 'pass' | { readonly status: number } | { readonly cutAfterBytes: number };

export type FaultyProxy = {
  /** An API server's address without TLS or credentials: `kubectl proxy` behind it has them. */
  readonly url: string;
  close(): Promise<void>;
};

/** A way to the API server, on loopback only, on which things go wrong as `decide` says; it sees method and path. */
export async function faultyProxy(decide: (method: string, path: string) => Fate): Promise<FaultyProxy> {
  const inner = await kubectlProxy();
  const target = { host: '127.0.0.1', port: inner.port };
  const sockets = new Set<Socket>();
  const fateOf = (message: IncomingMessage) => decide(message.method ?? '', message.url ?? '');

  const server = createServer((incoming, outgoing) => {
    const fate = fateOf(incoming);
    if (fate !== 'pass' && 'status' in fate) {
      outgoing.writeHead(fate.status, { 'content-type': 'application/json' }).end(statusBody(fate.status));
      return;
    }
    const { method, url: path, headers } = incoming;
    const forward = request({ ...target, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      if (fate !== 'pass') cutAfter(answer, fate.cutAfterBytes, () => outgoing.destroy());
    });
    forward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forward.destroy());
    incoming.pipe(forward);
  });
  server.on('upgrade', (incoming, socket, head) => {
    const client = socket as Socket;
    const fate = fateOf(incoming);
    if (fate !== 'pass' && 'status' in fate) {
      client.end(
        `HTTP/1.1 ${fate.status} Fault\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${statusBody(fate.status)}`,
      );
      return;
    }
    const upstream = connect(target, () => {
      const headers = incoming.rawHeaders
        .map((text, place) => (place % 2 === 0 ? `${text}: ` : `${text}\r\n`))
        .join('');
      upstream.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${headers}\r\n`);
      upstream.write(head);
      client.pipe(upstream).pipe(client);
      if (fate !== 'pass') cutAfter(upstream, fate.cutAfterBytes, () => client.destroy());
    });
    for (const end of [client, upstream]) {
      end.on('error', () => undefined);
      end.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      inner.stop();
    },
  };
}

function cutAfter(stream: NodeJS.ReadableStream, bytes: number, cut: () => void): void {
  let seen = 0;
  stream.on('data', (chunk: Buffer) => {
    seen += chunk.length;
    if (seen > bytes) cut();
  });
}

function statusBody(code: number): string {
  return JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: 'a fault of the test',
    reason: 'Fault',
    code,
  });
}

/** kubectl's own proxy, which brings credentials and TLS. */
function kubectlProxy(): Promise<{ port: number; stop: () => void }> {
  const child = spawn('kubectl', ['proxy', '--port=0', '--reject-paths=^$'], { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`kubectl proxy ended with ${code}`)));
    child.stdout.on('data', (chunk) => {
      const port = /127\.0\.0\.1:(\d+)/.exec(String(chunk))?.[1];
      if (port !== undefined) resolve({ port: Number(port), stop: () => child.kill() });
    });
  });
}
