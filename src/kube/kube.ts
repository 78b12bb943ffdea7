import type { Readable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Kind, KubeObject } from './kinds.ts';

/** Where an object lives; left out for cluster-scoped kinds, and in lists that span all namespaces. */
export type Scope = { readonly namespace?: string | undefined; readonly signal?: AbortSignal | undefined };

export type PatchOptions = Scope & {
  /** Writes what the kind keeps apart: its status. */
  readonly subresource?: 'status' | undefined;
};

export type ListOptions = Scope & {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Objects a page; 500 unless told. */
  readonly pageSize?: number | undefined;
};

export type RemoveOptions = Scope & {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' | undefined;
  /** Refuse to delete an object of the same name that is not the one meant. */
  readonly uid?: string | undefined;
};

/** How a patch is spelled on the wire. `apply` is server-side apply with the field manager `muster`. */
export type PatchType = 'merge' | 'json' | 'apply';

export type StreamOptions = {
  /** Pairs, so that a key may stand more than once (`command=a&command=b`). */
  readonly query?: readonly (readonly [string, string])[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type StreamedResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Not decoded, with back-pressure. Read it to its end or destroy it. */
  readonly body: Readable;
};

/**
 * One cluster, as one caller. Everything that Muster says to Kubernetes goes through this; whatever the API answers
 * that is no success is thrown as a `KubeError`, which says what to do next: retry, wait or give up.
 */
export type Kube = {
  /** Address of the API server, such as `https://api.example:6443`. */
  readonly server: string;
  /** Name of the kubeconfig's context, empty where there is none (in a pod). */
  readonly contextName: string;
  get<T extends KubeObject>(kind: Kind<T>, name: string, scope?: Scope): Promise<T>;
  /** Every object, page by page: a `continue` token that expires midway (410) starts the list again without repeats. */
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): AsyncIterable<T>;
  create<T extends KubeObject>(kind: Kind<T>, object: T, scope?: Scope): Promise<T>;
  patch<T extends KubeObject>(
    kind: Kind<T>,
    name: string,
    type: PatchType,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T>;
  /** Resolves when the API accepted the delete; also when the object is gone. Another uid than meant throws (409). */
  remove<T extends KubeObject>(kind: Kind<T>, name: string, options?: RemoveOptions): Promise<void>;
  /** One GET of any path below the server's address (discovery, logs, the node proxy) as parsed JSON. */
  json<T>(path: string, options?: StreamOptions): Promise<T>;
  /** One GET of any path, streamed; throws a `KubeError` for a status of 400 and above. */
  stream(path: string, options?: StreamOptions): Promise<StreamedResponse>;
  /**
   * Opens a WebSocket below the server's address with the caller's credentials, TLS settings and proxy. It comes paused:
   * attach listeners, then `resume()`.
   */
  webSocket(path: string, protocols: readonly string[], options?: StreamOptions): Promise<WebSocket>;
  close(): Promise<void>;
};
