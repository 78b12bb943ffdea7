import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { Refusal } from '../status.ts';

/** Who asks. */
export type Caller = { readonly username: string; readonly groups: readonly string[]; readonly uid?: string };

/** What is asked for, in the words of a SubjectAccessReview. */
export type Attributes = {
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string;
  /** Instead of a resource: `/version`. */
  readonly path?: string;
};

export type Access = {
  /** Throws a 401 for whoever is nobody. */
  authenticate(request: IncomingMessage): Promise<Caller>;
  isAllowed(caller: Caller, attributes: Attributes): boolean;
  /** A service account's token, for the API server's audience unless told otherwise. */
  issueToken(request: TokenOrder): Promise<{ readonly token: string; readonly expiresAt: Date }>;
};

export type TokenOrder = {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly audiences?: readonly string[];
  readonly expirationSeconds: number;
  /** The token is worth nothing once this pod is gone. */
  readonly pod?: { readonly name: string; readonly uid: string };
};

/** Whoever holds a client certificate of the sandbox's authority may do everything. */
export function accessByCertificate(): Access {
  return {
    async authenticate({ socket }) {
      if (!(socket instanceof TLSSocket) || !socket.authorized)
        throw new Refusal(401, 'Unauthorized', 'a client certificate is needed');
      return { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
    },
    isAllowed: () => true,
    async issueToken() {
      throw new Refusal(501, 'NotImplemented', 'the sandbox issues no tokens yet');
    },
  };
}
