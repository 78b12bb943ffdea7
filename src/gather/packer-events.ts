import { open } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { Say } from '../archive/entry.ts';
import type { PartWriter } from '../archive/part-writer.ts';
import { quoteName } from '../archive/safe-path.ts';
import { mostEventRows } from '../inspect/event-page.ts';
import { eventRowsOf } from '../inspect/event-rows.ts';
import { messageOf } from '../report/errors.ts';
import { eventItems } from './event-items.ts';

/**
 * The events that a gather wrote, for the report's page of events. On disk, in SQLite's nameless database: a hundred
 * thousand rows would be most of the memory that a packer may take.
 */
export type PackerEvents = {
  /** Told of files as they are packed and dropped again; those of events are noted. */
  onFile(path: string, isPacked: boolean): void;
  /** Reads the events of what was noted since the last time, out of the part. */
  read(writer: Pick<PartWriter, 'read'>, signal: AbortSignal): Promise<void>;
  /** Writes the newest rows to a file, as JSON lines (EventRow), newest first. */
  write(file: string): Promise<void>;
  close(): void;
};

export function openPackerEvents(say: Say): PackerEvents {
  const database = new DatabaseSync('');
  database.exec(`CREATE TABLE rows (path TEXT, at REAL, row TEXT); CREATE INDEX rows_by_path ON rows (path);
    CREATE INDEX rows_by_time ON rows (at)`);
  const put = database.prepare('INSERT INTO rows VALUES (?, ?, ?)');
  const forget = database.prepare('DELETE FROM rows WHERE path = ?');
  const newest = database.prepare('SELECT row FROM rows ORDER BY at DESC LIMIT ?');
  const waiting = new Set<string>();

  const readOne = async (path: string, writer: Pick<PartWriter, 'read'>, signal: AbortSignal) => {
    forget.run(path);
    for await (const item of eventItems(await writer.read(path))) {
      signal.throwIfAborted();
      for (const row of eventRowsOf(item)) put.run(path, Date.parse(row.lastSeen) || 0, JSON.stringify(row));
    }
  };
  return {
    onFile(path, isPacked) {
      if (!path.endsWith('/events.yaml')) return;
      if (isPacked) waiting.add(path);
      else {
        waiting.delete(path);
        forget.run(path);
      }
    },
    async read(writer, signal) {
      for (const path of waiting) {
        try {
          await readOne(path, writer, signal);
        } catch (error) {
          if (signal.aborted) forget.run(path);
          signal.throwIfAborted();
          say(`${quoteName(path)} is left out of the event page: ${messageOf(error)}`);
        }
        waiting.delete(path);
      }
    },
    async write(file) {
      const handle = await open(file, 'w');
      try {
        let lines: string[] = [];
        for (const { row } of newest.iterate(mostEventRows)) {
          lines.push(`${row}\n`);
          if (lines.length < 500) continue;
          await handle.appendFile(lines.join(''));
          lines = [];
        }
        await handle.appendFile(lines.join(''));
      } finally {
        await handle.close();
      }
    },
    close: () => database.close(),
  };
}
