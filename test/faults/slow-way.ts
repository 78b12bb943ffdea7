import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket, connect as tcpConnect } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';

/** A way to a server of this machine on which each connection carries so many bytes in a second, either way. */
export type SlowWay = {
  /** 127.0.0.1:PORT. */
  readonly port: number;
  readonly carriedBytes: () => number;
  close(): void;
};

const PIECE_BYTES = 16 * 1024;

export async function openSlowWay(toPort: number, bytesPerSecond: number): Promise<SlowWay> {
  const sockets = new Set<Socket>();
  let carriedBytes = 0;
  async function* piecesOf(chunk: Buffer): AsyncGenerator<Buffer> {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      const piece = chunk.subarray(start, start + PIECE_BYTES);
      await setTimeout((1000 * piece.length) / bytesPerSecond);
      carriedBytes += piece.length;
      yield piece;
    }
  }
  const slowed = () =>
    new Transform({
      highWaterMark: PIECE_BYTES,
      async transform(chunk: Buffer, _encoding, done) {
        try {
          for await (const piece of piecesOf(chunk)) this.push(piece);
          done();
        } catch (error) {
          done(error as Error);
        }
      },
    });
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = tcpConnect({ port: toPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('close', () => sockets.delete(from));
      pipeline(from, slowed(), to).catch(() => to.destroy()); // one of the two is gone
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    carriedBytes: () => carriedBytes,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
