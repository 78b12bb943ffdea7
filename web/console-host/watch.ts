import type { K8sResourceCommon } from '@openshift-console/dynamic-plugin-sdk';
import { consoleFetch } from './console-fetch.ts';
import { type KindName, modelOf, pathOf, referenceOf } from './kinds.ts';

/** What is watched: a kind, in one namespace or in all, and one object of it where it has a name. */
export type Wish = { readonly kind: KindName; readonly namespace?: string; readonly name?: string };

export type Watched = {
  readonly objects: readonly K8sResourceCommon[];
  readonly isLoaded: boolean;
  readonly error?: unknown;
};

export type Watch = {
  snapshot(): Watched;
  /** The watch runs while somebody listens. */
  subscribe(listener: () => void): () => void;
};

const AGAIN_AFTER_MS = 3000;
/** A page that is left and one that is entered share a watch. */
const LINGERS_MS = 1000;
const NOTHING: Watched = { objects: [], isLoaded: false };

const watches = new Map<string, Watch>();

/** One watch for everybody who wishes the same, as in the console. */
export function watchOf(wish: Wish): Watch {
  const key = [referenceOf(wish.kind), wish.namespace ?? '', wish.name ?? ''].join('|');
  const watch = watches.get(key) ?? createWatch(wish);
  watches.set(key, watch);
  return watch;
}

function createWatch(wish: Wish): Watch {
  const listeners = new Set<() => void>();
  let current = NOTHING;
  let running: AbortController | undefined;
  const show = (next: Watched) => {
    current = next;
    for (const listener of listeners) listener();
  };
  return {
    snapshot: () => current,
    subscribe: (listener) => {
      listeners.add(listener);
      if (running === undefined) {
        running = new AbortController();
        void keepWatching(wish, show, running.signal);
      }
      return () => {
        listeners.delete(listener);
        setTimeout(() => {
          if (listeners.size > 0) return;
          running?.abort();
          running = undefined;
          current = NOTHING;
        }, LINGERS_MS);
      };
    },
  };
}

/** Lists, then follows; begins anew when the watch ends, and after a while where it failed. */
async function keepWatching(wish: Wish, show: (next: Watched) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await watchOnce(wish, show, signal);
    } catch (error) {
      if (signal.aborted) return;
      show({ objects: [], isLoaded: false, error });
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}

async function watchOnce(wish: Wish, show: (next: Watched) => void, signal: AbortSignal): Promise<void> {
  const model = await modelOf(wish.kind);
  if (model === undefined) throw new Error('Model does not exist');
  const query = new URLSearchParams(wish.name === undefined ? {} : { fieldSelector: `metadata.name=${wish.name}` });
  const path = pathOf(model, wish.namespace);
  const listed = (await (await consoleFetch(`${path}?${query}`, { signal })).json()) as {
    readonly metadata: { readonly resourceVersion: string };
    readonly items: readonly K8sResourceCommon[];
  };
  const objects = new Map(listed.items.map((object) => [uidOf(object), object]));
  show({ objects: [...objects.values()], isLoaded: true });
  query.set('watch', 'true');
  query.set('resourceVersion', listed.metadata.resourceVersion);
  const { body } = await consoleFetch(`${path}?${query}`, { signal });
  if (body === null) return;
  for await (const { type, object } of linesOf(body)) {
    if (type === 'ERROR') return;
    if (type === 'DELETED') objects.delete(uidOf(object));
    else objects.set(uidOf(object), object);
    show({ objects: [...objects.values()], isLoaded: true });
  }
}

const uidOf = ({ metadata }: K8sResourceCommon): string => metadata?.uid ?? '';

type Happening = { readonly type: string; readonly object: K8sResourceCommon };

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Happening> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as Happening;
    }
  } finally {
    // Else the request of a watch that is given up stays open.
    await reader.cancel().catch(() => undefined);
  }
}
