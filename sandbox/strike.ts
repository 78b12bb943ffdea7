import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { Duplex, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fate, Faults } from './faults.ts';
import { Refusal, statusOf } from './status.ts';

const reasons = { 409: 'Conflict', 429: 'TooManyRequests', 500: 'InternalError', 503: 'ServiceUnavailable' };
// A watch is cut within one of its first lines, so that it tells something before.
const mostWholeChunks = 5;

/** The connections of a server, below TLS: what resets them, and what ends them all. */
export type Connections = { reset(socket: Socket): void; destroyAll(): void };

export function followConnections(server: Server): Connections {
  const raw = new Map<string, Socket>();
  const keyOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    raw.set(key, socket);
    socket.once('close', () => raw.delete(key));
  });
  return {
    // A TLS socket cannot do it by itself.
    reset: (socket) => (raw.get(keyOf(socket)) ?? socket).resetAndDestroy(),
    destroyAll() {
      for (const socket of raw.values()) socket.destroy();
    },
  };
}

/** Lets a request be answered by `answer`, unless or until a fault strikes it. */
export async function withFaults(
  { faults, connections }: Striking,
  request: IncomingMessage,
  response: ServerResponse,
  answer: () => Promise<void>,
): Promise<void> {
  const fate = faults.choose(request.method ?? '', request.url ?? '');
  const refuse = (code: number, headers: Record<string, string>, text: string) =>
    response.writeHead(code, { ...headers, 'content-type': 'application/json' }).end(text);
  const reset = () => connections.reset(request.socket);
  if (await mayGoOn(fate, response, { refuse, reset })) await answer();
}

/** The same for a WebSocket's handshake, and for what is sent after it. */
export async function withUpgradeFaults(
  { faults, connections }: Striking,
  request: IncomingMessage,
  socket: Duplex,
  answer: () => Promise<void>,
): Promise<void> {
  const fate = faults.choose(request.method ?? '', request.url ?? '');
  // Until somebody takes the socket over, a client that gives up ends it with an error that is nobody else's.
  socket.on('error', () => socket.destroy());
  const refuse = (code: number, headers: Record<string, string>, text: string) => {
    const all = { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
    const lines = Object.entries({ ...all, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${code} Fault\r\n${lines.join('')}\r\n${text}`);
  };
  const reset = () => connections.reset(request.socket);
  if (await mayGoOn(fate, socket, { refuse, reset })) await answer();
}

type Striking = { readonly faults: Faults; readonly connections: Connections };
type Ends = {
  readonly refuse: (code: number, headers: Record<string, string>, text: string) => void;
  readonly reset: () => void;
};

async function mayGoOn(fate: Fate | undefined, wire: Writable, { refuse, reset }: Ends): Promise<boolean> {
  switch (fate?.fault.kind) {
    case undefined:
      return true;
    case 'refuse': {
      const { code, retryAfterSeconds } = fate.fault;
      const headers: Record<string, string> =
        retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
      refuse(code, headers, JSON.stringify(statusOf(new Refusal(code, reasons[code], 'a fault that was asked for'))));
      return false;
    }
    case 'reset':
      reset();
      return false;
    case 'cut':
      cutIn(wire, fate.depth);
      return true;
    case 'stall':
      await sleep(fate.fault.ms, undefined, { ref: false });
      return !wire.destroyed;
    case 'mute':
      return false;
  }
}

/** Ends the connection within one of the next chunks, or within the last one if that comes before. */
function cutIn(wire: Writable, depth: number): void {
  let wholeChunks = Math.floor(depth * mostWholeChunks);
  let isCut = false;
  const write = wire.write.bind(wire) as (chunk: unknown, done?: () => void) => boolean;
  const cut = (chunk: unknown) => {
    if (isCut) return true;
    isCut = true;
    const bytes = Buffer.from(typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : '');
    const part = bytes.subarray(0, Math.floor(bytes.length * depth));
    if (part.length === 0) wire.destroy();
    else write(part, () => wire.destroy());
    return true;
  };
  wire.write = (chunk: unknown, ...rest: unknown[]) => {
    if (wholeChunks === 0) return cut(chunk);
    wholeChunks -= 1;
    return write(
      chunk,
      rest.find((each): each is () => void => typeof each === 'function'),
    );
  };
  wire.end = ((chunk: unknown) => {
    cut(chunk);
    return wire;
  }) as Writable['end'];
}
