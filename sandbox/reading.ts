import { apiVersionOf, type Resource, type Stored } from './resource.ts';
import { fieldMatcher, labelMatcher, type Matcher } from './selectors.ts';
import { badRequest, expired } from './status.ts';
import { type Change, keyOf, type Store } from './store.ts';

export type Selection = {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
};

export type Page = {
  readonly items: readonly Stored[];
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
};

export type WatchEvent = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: Stored };

/** What a request's selectors and namespace let through. */
export function matcherOf({ resource, namespace, query }: Selection): Matcher {
  const byLabel = labelMatcher(query.get('labelSelector') ?? '');
  const byField = fieldMatcher(query.get('fieldSelector') ?? '', resource);
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) && byLabel(object) && byField(object);
}

/** One page of a list. All pages of one list show the same state, whatever happened in between. */
export function listPage(store: Store, selection: Selection): Page {
  const { resource, query } = selection;
  const limit = wholeNumber(query, 'limit');
  const from = readToken(query.get('continue'));
  const exact = query.get('resourceVersionMatch') === 'Exact' ? wholeNumber(query, 'resourceVersion') : undefined;
  const revision = from?.revision ?? exact ?? store.revision;
  if (revision > store.revision) throw badRequest('the resource version is of the future');
  const matches = matcherOf(selection);
  const rest = store
    .snapshot(resource, revision)
    .filter(([key, object]) => (from === undefined || key > from.key) && matches(object))
    .map(([, object]) => object);
  const metadata = { resourceVersion: String(revision) };
  if (limit === undefined || limit === 0 || rest.length <= limit) return { items: rest, metadata };
  const items = rest.slice(0, limit);
  const last = items.at(-1)?.metadata;
  const token = Buffer.from(JSON.stringify({ revision, key: keyOf(last?.namespace, last?.name ?? '') })).toString(
    'base64url',
  );
  const isSelected = Boolean(query.get('labelSelector') || query.get('fieldSelector'));
  const remaining = isSelected ? {} : { remainingItemCount: rest.length - limit };
  return { items, metadata: { ...metadata, continue: token, ...remaining } };
}

function readToken(token: string | null): { revision: number; key: string } | undefined {
  if (!token) return undefined;
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const { revision, key } = read as { revision?: unknown; key?: unknown };
    if (typeof revision === 'number' && typeof key === 'string') return { revision, key };
  } catch {
    throw badRequest('continue key is not valid');
  }
  throw badRequest('continue key is not valid');
}

/** A query's whole number, `undefined` where there is none; throws a 400 for anything else. */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name} is no whole number`);
  return Number(text);
}

/**
 * The events of a watch from its start; `send` gets those that lie behind at once and the others as they happen. Throws
 * a 410 when what lies behind is forgotten. Returns what ends it.
 */
export function startWatch(store: Store, selection: Selection, send: (event: WatchEvent) => void): () => void {
  const { resource, query } = selection;
  const matches = matcherOf(selection);
  const pass = (change: Change) => {
    const event = eventOf(change, matches);
    if (event !== undefined) send(event);
  };
  const from = wholeNumber(query, 'resourceVersion') ?? 0;
  if (from > store.revision) throw expired('the resource version is of the future');
  const sendsInitial = query.get('sendInitialEvents') === 'true';
  if (from === 0 || sendsInitial) {
    for (const [, object] of store.snapshot(resource)) if (matches(object)) send({ type: 'ADDED', object });
    if (sendsInitial) send(bookmark(resource, store.revision, { 'k8s.io/initial-events-end': 'true' }));
  } else for (const change of store.since(resource, from)) pass(change);
  return store.subscribe((change) => {
    if (change.resource.plural === resource.plural && change.resource.group === resource.group) pass(change);
  });
}

/** What a watch with this selector sees of a change: an object that stops matching is deleted to its eyes. */
function eventOf({ object, previous, revision }: Change, matches: Matcher): WatchEvent | undefined {
  const was = previous !== undefined && matches(previous);
  if (object !== undefined && matches(object)) return { type: was ? 'MODIFIED' : 'ADDED', object };
  if (!was) return undefined;
  const last = object ?? previous;
  return { type: 'DELETED', object: { ...last, metadata: { ...last.metadata, resourceVersion: String(revision) } } };
}

/** Tells a watcher how far it has come. */
export function bookmark(resource: Resource, revision: number, annotations?: Record<string, string>): WatchEvent {
  const metadata = { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) };
  return { type: 'BOOKMARK', object: { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata } };
}
