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
  };
}
