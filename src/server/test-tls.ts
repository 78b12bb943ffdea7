import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import type { ServerTls } from './tls.ts';

/** For tests: an https server that answers with a line, on 127.0.0.1. */
export async function startTlsServer(tls: ServerTls): Promise<{ server: Server; port: number; close(): void }> {
  const server = createServer(tls.options(), (_, response) => response.end('hello'));
  tls.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The serial number of what the server presents to a caller who asks for `servername` and trusts `ca` alone. */
export function shakeHands(port: number, ca: string, servername = 'localhost'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
