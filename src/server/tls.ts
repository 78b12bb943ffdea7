import type { Server } from 'node:tls';
import type { KeyPair } from './certificates.ts';

/** What a server presents to those who connect. */
export type ServerTls = {
  /** What callers must trust, PEM, where the certificate is Muster's own; undefined where a person gave it. */
  caPem(): string | undefined;
  /** The pair of now, for `https.createServer` and Fastify's `https`. */
  options(): { readonly cert: string; readonly key: string };
  /** Has the server present each new pair to those who connect from then on; who is connected stays so. */
  attach(server: Server): void;
  /** Ends the looking for new pairs. */
  close(): void;
};

/** The pair that is presented now, and the servers that present it. */
export function presenting(first: KeyPair) {
  const servers = new Set<Server>();
  let now = first;
  const options = () => ({ cert: now.certificatePem, key: now.keyPem });
  return {
    options,
    attach: (server: Server): void => {
      servers.add(server);
      server.once('close', () => servers.delete(server));
      server.setSecureContext(options());
    },
    change: (pair: KeyPair): void => {
      if (pair.certificatePem === now.certificatePem && pair.keyPem === now.keyPem) return;
      now = pair;
      for (const server of servers) server.setSecureContext(options());
    },
  };
}
