import type { Readable } from 'node:stream';
import type { Say } from '../archive/entry.ts';
import { mostEventRows, renderEventPage } from '../inspect/event-page.ts';
import type { EventRow } from '../inspect/event-rows.ts';
import { eventRowsOf, newestFirst } from '../inspect/event-rows.ts';
import { messageOf } from '../report/errors.ts';

/** A larger file is no list of events that a page could show. */
const LARGEST_FILE_BYTES = 64 * 2 ** 20;

/** The report's `event-filter.html`: the events of all its gathers. */
export type EventPage = {
  /** Takes one `events.yaml`. What cannot be read is a line of the log, never the end of the report. */
  add(path: string, content: Readable): Promise<void>;
  /** Takes rows that were read before. */
  addRows(rows: Iterable<EventRow>): void;
  /** What stands on the page, newest first. */
  rows(): EventRow[];
  render(title: string): Iterable<string>;
};

export function createEventPage(say: Say): EventPage {
  let rows: EventRow[] = [];
  let leftOut = 0;
  const addRows = (more: Iterable<EventRow>) => {
    for (const row of more) rows.push(row);
    if (rows.length <= 2 * mostEventRows) return;
    leftOut += rows.length - mostEventRows;
    rows = newestFirst(rows).slice(0, mostEventRows);
  };
  return {
    addRows,
    rows: () => newestFirst(rows).slice(0, mostEventRows),
    add: async (path, content) => {
      try {
        addRows(eventRowsOf(await textOf(content)));
      } catch (error) {
        say(`${path} is left out of the event page: ${messageOf(error)}`);
      }
    },
    render: (title) => {
      leftOut += Math.max(0, rows.length - mostEventRows);
      const note =
        leftOut === 0 ? undefined : `The newest ${mostEventRows} events; ${leftOut} older ones are in the files only.`;
      return renderEventPage(newestFirst(rows).slice(0, mostEventRows), { title, note });
    },
  };
}

async function textOf(content: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of content) {
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_FILE_BYTES) throw new Error(`it is larger than ${LARGEST_FILE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
