import type { IncomingMessage, ServerResponse } from 'node:http';
import { bookmark, type Selection, startWatch, type WatchEvent, wholeNumber } from './reading.ts';
import type { Stored } from './resource.ts';
import { Refusal, statusOf } from './status.ts';
import type { Store } from './store.ts';
import { tableOf } from './table.ts';

const bookmarkEveryMs = 10_000;
// The real API server ends a watch that names no timeout after 30 to 60 minutes.
const defaultTimeoutSeconds = 1800;
// A reader that lets this much pile up is cut off, and starts again from its last revision.
const backlogBytes = 16 * 2 ** 20;

/** Streams a watch until its timeout, the reader's end or the server's. A forgotten revision is an ERROR event. */
export function serveWatch(
  store: Store,
  selection: Selection,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { resource, query } = selection;
  const isTable = (request.headers.accept ?? '').includes('as=Table');
  const shown = (object: Stored) =>
    isTable
      ? tableOf(resource, [object], { resourceVersion: object.metadata.resourceVersion }, query.get('includeObject'))
      : object;
  const write = (type: string, object: object) => {
    // Its time may be over while the last bytes are still on their way.
    if (response.writableEnded) return;
    response.write(`${JSON.stringify({ type, object })}\n`);
    if (response.writableLength > backlogBytes) response.destroy();
  };
  const begin = () => {
    if (response.headersSent) return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
  };
  const wantsBookmarks = query.get('allowWatchBookmarks') === 'true';
  const timeoutMs = (wholeNumber(query, 'timeoutSeconds') || defaultTimeoutSeconds) * 1000;
  let stop: () => void;
  try {
    stop = startWatch(store, selection, ({ type, object }: WatchEvent) => {
      begin();
      write(type, shown(object));
    });
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 410) throw error;
    begin();
    write('ERROR', statusOf(error));
    response.end();
    return;
  }
  begin();
  const mark = () => {
    if (!wantsBookmarks) return;
    const { type, object } = bookmark(resource, store.revision);
    write(type, shown(object));
  };
  const timer = setInterval(mark, bookmarkEveryMs);
  const deadline = setTimeout(() => {
    mark();
    response.end();
  }, timeoutMs);
  response.once('close', () => {
    stop();
    clearInterval(timer);
    clearTimeout(deadline);
  });
}
