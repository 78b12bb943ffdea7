import { glob, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../report/errors.ts';
import { mostEventRows, renderEventPage } from './event-page.ts';
import { type EventRow, eventRowsOf, newestFirst } from './event-rows.ts';

/** A larger file is no list of events that a page could show. */
const largestFileBytes = 64 * 2 ** 20;

export type EventCollector = {
  /** One event of the file at `path`, which then is not read again: parsing YAML costs 0.3 ms an event. */
  take(path: string, row: EventRow): void;
  /** The page of all that was taken and of every other `events.yaml` below the folder, such as an earlier run's. */
  page(note: (line: string) => void): Promise<Iterable<string>>;
};

export function openEventCollector(destDir: string): EventCollector {
  const known = new Set<string>();
  let rows: EventRow[] = [];
  let leftOut = 0;
  const add = (row: EventRow) => {
    rows.push(row);
    if (rows.length >= 2 * mostEventRows) trim();
  };
  const trim = () => {
    const newest = newestFirst(rows).slice(0, mostEventRows);
    leftOut += rows.length - newest.length;
    rows = newest;
  };
  return {
    take: (path, row) => {
      known.add(path);
      add(row);
    },
    page: async (note) => {
      for await (const found of glob('**/events.yaml', { cwd: destDir })) {
        const path = found.replaceAll('\\', '/');
        if (!known.has(path)) for (const row of await rowsOfFile(join(destDir, found), note)) add(row);
      }
      trim();
      return renderEventPage(rows, { title: 'Events', note: noteOf(leftOut) });
    },
  };
}

/** The page of one file, whatever its size on the page. Throws when it cannot be read or is no YAML. */
export async function pageOfFile(eventsFile: string): Promise<Iterable<string>> {
  const rows = newestFirst(eventRowsOf(await readFile(eventsFile, 'utf8')));
  const note = noteOf(Math.max(0, rows.length - mostEventRows));
  return renderEventPage(rows.slice(0, mostEventRows), { title: 'Events', note });
}

async function rowsOfFile(file: string, note: (line: string) => void): Promise<EventRow[]> {
  try {
    const { size } = await stat(file);
    if (size > largestFileBytes) throw new Error(`it is larger than ${largestFileBytes} bytes`);
    return eventRowsOf(await readFile(file, 'utf8'));
  } catch (error) {
    note(`${file} is left out of the event page: ${messageOf(error)}`);
    return [];
  }
}

function noteOf(leftOut: number): string | undefined {
  return leftOut === 0 ? undefined : `The newest ${mostEventRows} events; ${leftOut} older ones are in the files only.`;
}
