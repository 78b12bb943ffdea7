import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createKube } from './client.ts';
import type { Kube } from './kube.ts';
import { realTimers, type Timers } from './timers.ts';
import { openTransport } from './transport.ts';

/** For tests: an HTTP server on 127.0.0.1 that misbehaves as it is told, and a Kube that talks to it. */
export type TestServer = {
  readonly server: Server;
  readonly url: string;
  /** Method and path with query of each request, in the order in which they came. */
  readonly requests: string[];
  kube(options?: { timers?: Timers; requestTimeoutMs?: number }): Kube;
  close(): Promise<void>;
};

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export async function startServer(answer: Answer): Promise<TestServer> {
  const requests: string[] = [];
  const kubes: Kube[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response, requests.length);
  });
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    server,
    url,
    requests,
    kube: ({ timers = realTimers, requestTimeoutMs = 5000 } = {}) => {
      const kube = plainKube(url, timers, requestTimeoutMs);
      kubes.push(kube);
      return kube;
    },
    close: async () => {
      await Promise.all(kubes.map((kube) => kube.close()));
      // Upgraded ones too, which closeAllConnections leaves alone.
      for (const socket of connections) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A Kube without kubeconfig and credentials. Its jitter is none, so that waits are as long as they can be. */
export function plainKube(server: string, timers: Timers = realTimers, requestTimeoutMs = 5000): Kube {
  const transport = openTransport({ credentials: () => Promise.resolve({ headers: {}, tls: {} }), timers });
  return createKube({ server, contextName: 'test', transport, requestTimeoutMs, timers, random: () => 0 });
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export function sendStatus(response: ServerResponse, code: number, reason: string, message = reason): void {
  sendJson(response, { kind: 'Status', status: 'Failure', code, reason, message }, code);
}

/** A clock that stands still until it is moved. */
export type TestTimers = Timers & { advance(ms: number): Promise<void> };

export function testTimers(startMs = 1_700_000_000_000): TestTimers {
  let nowMs = startMs;
  const alarms = new Set<{ atMs: number; run: () => void }>();
  /** Sockets and promises go on in real time: a few turns of the event loop let them catch up. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  return {
    now: () => nowMs,
    after: (delayMs, run) => {
      const alarm = { atMs: nowMs + delayMs, run };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    advance: async (ms) => {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const [next] = [...alarms].filter((alarm) => alarm.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        alarms.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
        await settle();
      }
      nowMs = untilMs;
      await settle();
    },
  };
}

/** Resolves as soon as `holds` does; fails after 10 s. */
export async function eventually(holds: () => boolean): Promise<void> {
  const untilMs = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > untilMs) throw new Error(`never held: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
