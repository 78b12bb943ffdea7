import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ServiceWorld } from '../sandbox/service-world.ts';

/** A way to a server of this machine that can be shut: then it is as if nobody listened there. */
export type Door = {
  /** 127.0.0.1:PORT, the same for as long as it is used. */
  readonly port: number;
  /** Cuts what is on its way; who comes is refused, as by a machine whose process is gone. */
  shut(): void;
  open(): Promise<void>;
  close(): void;
};

/** While it is shut the machine may give the port to somebody's outgoing connection, which passes. */
const REOPEN_WITHIN_MS = 10_000;

/** One before the API server of a sandbox, and the kubeconfig of who goes through it. */
export async function openApiDoor({ sandbox, folder }: ServiceWorld): Promise<{ door: Door; kubeconfigFile: string }> {
  const toPort = Number(new URL(sandbox.server).port);
  const door = await openDoor(toPort);
  const kubeconfigFile = join(folder, 'through-the-door');
  await writeFile(kubeconfigFile, sandbox.kubeconfig.replaceAll(`:${toPort}`, `:${door.port}`), { mode: 0o600 });
  return { door, kubeconfigFile };
}

/** Opens one before a port of 127.0.0.1. */
async function openDoor(toPort: number): Promise<Door> {
  const sockets = new Set<Socket>();
  const pass = (near: Socket) => {
    const far = tcpConnect(toPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  };
  const listen = async (port: number): Promise<Server> => {
    const server = createServer(pass).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const shut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    shut,
    close: shut,
    open: async () => {
      const lateAtMs = Date.now() + REOPEN_WITHIN_MS;
      for (;;) {
        try {
          server = await listen(port);
          return;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || Date.now() > lateAtMs) throw error;
          await setTimeout(100);
        }
      }
    },
  };
}
