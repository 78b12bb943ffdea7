import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** For tests: a way to a server on which each connection is cut after so many bytes of answers. */
export type CuttingProxy = { readonly url: string; readonly cuts: () => number; close(): Promise<void> };

/** `cutAfterBytes` gives the bytes for each connection in turn, undefined for one that is left alone. */
export async function startCuttingProxy(
  target: string,
  cutAfterBytes: () => number | undefined,
): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const most = cutAfterBytes();
    let passed = 0;
    far.on('data', (chunk) => {
      const room = most === undefined ? chunk.length : Math.min(chunk.length, most - passed);
      passed += room;
      if (!near.write(chunk.subarray(0, room))) far.pause();
      if (passed !== most) return;
      cuts += 1;
      // What is let through arrives; then the connection resets, as when a router forgets it.
      far.destroy();
      near.end(() => near.resetAndDestroy());
    });
    near.on('drain', () => far.resume());
    near.pipe(far);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
