import type { IncomingMessage } from 'node:http';
import type { Rule } from './rules.ts';

/** Who asks. */
export type Caller = {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  /** What a token tells beside, such as the pod that it was made for. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
};

/** What is asked for, in the words of a SubjectAccessReview. */
export type Attributes = {
  readonly verb: string;
  readonly group?: string | undefined;
  readonly resource?: string | undefined;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Instead of a resource: `/version`. */
  readonly path?: string | undefined;
};

export type Access = {
  /** Throws a 401 for whoever is nobody, and a 403 for who may not be the person that the request names. */
  authenticate(request: IncomingMessage): Promise<Caller>;
  isAllowed(caller: Caller, attributes: Attributes): boolean;
  /** All that the caller may do in the namespace; without one, at the cluster's scope and in every namespace. */
  rulesOf(caller: Caller, namespace: string | undefined): readonly Rule[];
  /** A service account's token, for the API server's audience unless told otherwise. Throws a 404 for no account. */
  issueToken(order: TokenOrder): Promise<IssuedToken>;
  /** Whose token it is, and for which of `audiences` (the API server's unless told). Throws a 401 for a useless one. */
  readToken(token: string, audiences?: readonly string[]): Promise<TokenHolder>;
};

export type BoundObject = { readonly name: string; readonly uid: string };

export type TokenOrder = {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly audiences?: readonly string[];
  readonly expirationSeconds: number;
  /** The token is worth nothing once this pod is gone. */
  readonly pod?: BoundObject;
  /** The same for a secret. */
  readonly secret?: BoundObject;
};

export type IssuedToken = { readonly token: string; readonly expiresAt: Date };
export type TokenHolder = { readonly caller: Caller; readonly audiences: readonly string[] };
