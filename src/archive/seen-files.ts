import type { BigIntStats } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** What is known of one path: how it looked last, and how it looked when it was packed. */
export type Seen = { readonly stamp: string; readonly packed: string | undefined; readonly walk: number };

/** Every change of a file changes its stamp: size, times or inode, as long as looks are a clock tick apart. */
export function stampOf({ mode, size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${mode} ${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}

/**
 * What a packer saw of a tree, walk by walk. In SQLite's nameless database: on disk once it outgrows its cache, and gone
 * when it is closed.
 */
export function openSeenFiles() {
  const database = new DatabaseSync('');
  database.exec(`CREATE TABLE seen (path TEXT PRIMARY KEY, stamp TEXT, walk INTEGER, packed TEXT) WITHOUT ROWID;
    CREATE TABLE said (line TEXT PRIMARY KEY) WITHOUT ROWID;
    BEGIN`);
  const get = database.prepare('SELECT stamp, walk, packed FROM seen WHERE path = ?');
  const put = database.prepare(`INSERT INTO seen VALUES (?, ?, ?, NULL)
    ON CONFLICT DO UPDATE SET stamp = excluded.stamp, walk = excluded.walk`);
  const markPacked = database.prepare('UPDATE seen SET packed = ? WHERE path = ?');
  const staleAfter = database.prepare(`SELECT path FROM seen
    WHERE path > ? AND packed IS NOT NULL AND (walk <> ? OR packed <> stamp) ORDER BY path LIMIT 500`);
  const say = database.prepare('INSERT OR IGNORE INTO said VALUES (?)');
  return {
    database,
    get(path: string): Seen | undefined {
      const row = get.get(path);
      if (row === undefined) return undefined;
      const packed = row.packed === null ? undefined : String(row.packed);
      return { stamp: String(row.stamp), walk: Number(row.walk), packed };
    },
    put: (path: string, stamp: string, walk: number) => void put.run(path, stamp, walk),
    /** `undefined`: it has to be packed. */
    markPacked: (path: string, stamp: string | undefined) => void markPacked.run(stamp ?? null, path),
    /** Paths that were packed, and that this walk found otherwise or not at all; by path, each page behind `path`. */
    staleAfter: (path: string, walk: number): string[] => staleAfter.all(path, walk).map((row) => String(row.path)),
    /** Forgets what this walk did not find, and says how many paths have to be packed. */
    outstanding(walk: number): number {
      database.prepare('DELETE FROM seen WHERE walk <> ?').run(walk);
      return Number(database.prepare('SELECT count(*) n FROM seen WHERE packed IS NULL').get()?.n);
    },
    /** Whether this line is said for the first time. */
    isNews: (line: string): boolean => say.run(line).changes > 0,
    close: () => database.close(),
  };
}
