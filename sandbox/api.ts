import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Access, Caller } from './access/access.ts';
import type { Objects, Target } from './objects.ts';
import type { Resource } from './resource.ts';
import type { Store } from './store.ts';

/** What a request can reach. */
export type Api = {
  readonly store: Store;
  readonly objects: Objects;
  readonly access: Access;
  /** Every kind that is served just now. */
  readonly kinds: () => readonly Resource[];
  /** Beside `/status`, by `plural/subresource`: `pods/log`. */
  readonly subresources: ReadonlyMap<string, Subresource>;
};

export type Answer = { readonly code: number; readonly body: object | string; readonly contentType?: string };

/** A request whose caller and path are known. */
export type Call = {
  readonly caller: Caller;
  readonly target: Target;
  readonly method: string;
  readonly accept: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** `undefined` where the request has none. */
  readonly body: unknown;
};

/** What lies below an object: its log, its exec, its tokens. Refusals are thrown. */
export type Subresource = {
  /** As discovery tells them; a method whose verb is not here is a 405. */
  readonly verbs: readonly string[];
  /** The kind that it speaks; that of its object where none is named. */
  readonly kind?: string;
  /** Answers, or writes to `response` by itself and returns nothing. */
  readonly answer?: (call: Call, response: ServerResponse) => Promise<Answer | undefined>;
  /** Takes a WebSocket's handshake. Called with a caller who may. */
  readonly upgrade?: (call: Call, request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;
};
