import { DatabaseSync } from 'node:sqlite';
import type { Entry } from './entry.ts';

/** An entry where it lies: `run` is undefined for a hard link that waits for the end of the part. */
export type Laid = {
  readonly entry: Entry;
  readonly run: number | undefined;
  /** Of the content (a file's first byte), within the raw bytes of the run. */
  readonly offset: number;
};

export type Member = {
  readonly run: number;
  /** In the members' file. */
  readonly position: number;
  readonly packedBytes: number;
  readonly rawBytes: number;
};

/**
 * What a part holds, in SQLite: on disk, so a million entries cost little memory, and a killed packer can go on. A run
 * is one member of whole entries, or the several members of one large file; it lives and dies as one.
 */
export type PartRecord = ReturnType<typeof openPartRecord>;

const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
  CREATE TABLE IF NOT EXISTS entries (path TEXT PRIMARY KEY, type TEXT, size INTEGER, mode INTEGER, mtime REAL,
    link TEXT, run INTEGER, place INTEGER) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_by_run ON entries (run);
  CREATE INDEX IF NOT EXISTS hard_links ON entries (link) WHERE type = 'hardlink';
  CREATE TABLE IF NOT EXISTS members (run INTEGER, number INTEGER, position INTEGER, packed INTEGER, raw INTEGER,
    PRIMARY KEY (run, number)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS runs (run INTEGER PRIMARY KEY, entries INTEGER, members INTEGER);`;

type Row = Record<string, unknown>;
type Totals = { files: number; contentBytes: number; packedBytes: number };

export function openPartRecord(file: string) {
  const database = new DatabaseSync(file);
  try {
    database.exec(schema);
  } catch (error) {
    database.close();
    throw error;
  }
  const put = database.prepare('INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const get = database.prepare('SELECT * FROM entries WHERE path = ?');
  const typeAt = database.prepare('SELECT type, size FROM entries WHERE path = ?');
  const below = database.prepare('SELECT 1 FROM entries WHERE path > ? AND path < ? LIMIT 1');
  const forget = database.prepare('DELETE FROM entries WHERE path = ?');
  const putMember = database.prepare('INSERT INTO members VALUES (?, ?, ?, ?, ?)');
  const putRun = database.prepare('INSERT INTO runs VALUES (?, ?, ?)');
  database.exec('BEGIN');

  const commit = () => database.exec('COMMIT; BEGIN');
  const laid = function* (sql: string, ...values: (string | number)[]): Generator<Laid> {
    for (const row of database.prepare(sql).iterate(...values)) yield laidOf(row);
  };
  const count = (sql: string, ...values: (string | number)[]) => Number(database.prepare(sql).get(...values)?.n ?? 0);

  const counted = (): Totals => ({
    files: count("SELECT count(*) n FROM entries WHERE type = 'file'"),
    contentBytes: count("SELECT sum(size) n FROM entries WHERE type = 'file'"),
    packedBytes: count('SELECT sum(packed) n FROM members'),
  });
  /** Kept up to date from the first question on: counting a million entries takes long, and progress asks often. */
  let totals: Totals | undefined;
  const tally = (type: unknown, sizeBytes: unknown, sign: 1 | -1) => {
    if (totals === undefined || type !== 'file') return;
    totals.files += sign;
    totals.contentBytes += sign * Number(sizeBytes);
  };
  const untally = (path: string) => {
    const row = totals && typeAt.get(path);
    tally(row?.type, row?.size, -1);
  };

  return {
    put({ entry, run, offset }: Laid): void {
      const { path, type, sizeBytes, mode, mtimeMs, linkTarget } = entry;
      untally(path);
      tally(type, sizeBytes, 1);
      put.run(path, type, sizeBytes, mode, mtimeMs, linkTarget ?? null, run ?? null, offset);
    },
    get(path: string): Laid | undefined {
      const row = get.get(path);
      return row && laidOf(row);
    },
    typeOf(path: string): string | undefined {
      return typeAt.get(path)?.type as string | undefined;
    },
    hasBelow: (folder: string): boolean => below.get(`${folder}/`, `${folder}0`) !== undefined,
    forget(path: string): void {
      untally(path);
      forget.run(path);
    },
    /**
     * Entries by path's bytes, all or those at and below a folder. Page by page, so that the record may be changed
     * while they are looked through.
     */
    *entries(folder = ''): Generator<Laid> {
      const end = folder === '' ? '\u{10ffff}' : `${folder}0`;
      const own = folder === '' ? undefined : this.get(folder);
      if (own) yield own;
      let after = folder === '' ? '' : `${folder}/`;
      for (;;) {
        const page = [...laid('SELECT * FROM entries WHERE path > ? AND path < ? ORDER BY path LIMIT 500', after, end)];
        yield* page;
        const last = page.at(-1);
        if (last === undefined) return;
        after = last.entry.path;
      }
    },
    entriesOf: (run: number): Laid[] => [...laid('SELECT * FROM entries WHERE run = ? ORDER BY place', run)],
    linksTo: (path: string): Laid[] => [...laid("SELECT * FROM entries WHERE type = 'hardlink' AND link = ?", path)],
    /** One hard link that is not laid down yet and comes after `path`. */
    waitingLinksAfter: (path: string): Laid[] => [
      ...laid(
        "SELECT * FROM entries WHERE type = 'hardlink' AND run IS NULL AND path > ? ORDER BY path LIMIT 1000",
        path,
      ),
    ],
    /** Takes laid-down hard links back, so that they can follow what is added now. */
    liftLinks(): void {
      totals = undefined;
      database.exec(`DELETE FROM members WHERE run IN (SELECT run FROM entries WHERE type = 'hardlink');
        DELETE FROM runs WHERE run IN (SELECT run FROM entries WHERE type = 'hardlink');
        UPDATE entries SET run = NULL WHERE type = 'hardlink'`);
    },
    putMember(number: number, member: Member): void {
      if (totals) totals.packedBytes += member.packedBytes;
      putMember.run(member.run, number, member.position, member.packedBytes, member.rawBytes);
    },
    /** Says that a run is whole: its members are all on disk. */
    putRun(run: number, entries: number, members: number): void {
      putRun.run(run, entries, members);
      commit();
    },
    dropRun(run: number): void {
      totals = undefined;
      database.prepare('DELETE FROM members WHERE run = ?').run(run);
      database.prepare('DELETE FROM runs WHERE run = ?').run(run);
      database.prepare('DELETE FROM entries WHERE run = ?').run(run);
    },
    /** Forgets the runs of which some member lies beyond what the members' file holds. */
    forgetBeyond(membersBytes: number): void {
      totals = undefined;
      const beyond = 'SELECT run FROM members WHERE position + packed > ?';
      database.prepare(`DELETE FROM runs WHERE run IN (${beyond})`).run(membersBytes);
      commit();
    },
    /** Runs of which some entries were replaced or removed. */
    wornRuns(): number[] {
      const sql = 'SELECT run FROM runs WHERE entries > (SELECT count(*) FROM entries e WHERE e.run = runs.run)';
      return database
        .prepare(sql)
        .all()
        .map((row) => Number(row.run));
    },
    *members(run?: number): Generator<Member> {
      const where = run === undefined ? '' : 'WHERE run = ?';
      const values = run === undefined ? [] : [run];
      const sql = `SELECT * FROM members ${where} ORDER BY run, number`;
      for (const row of database.prepare(sql).iterate(...values)) yield memberOf(row);
    },
    stats(): Readonly<Totals> {
      totals ??= counted();
      return { ...totals };
    },
    /** After a crash: forgets what did not reach its end. Answers with the first free run and the end of the members. */
    recover(): { nextRun: number; endPosition: number } {
      totals = undefined;
      database.exec(`DELETE FROM members WHERE run NOT IN (SELECT run FROM runs);
        DELETE FROM entries WHERE run IS NOT NULL AND run NOT IN (SELECT run FROM runs)`);
      commit();
      return {
        nextRun: count('SELECT max(run) + 1 n FROM runs'),
        endPosition: count('SELECT max(position + packed) n FROM members'),
      };
    },
    commit,
    /**
     * Writes a copy to a file that is not there yet, of the runs that are whole; beside others of its users. From another
     * connection, since VACUUM INTO is refused within a transaction.
     */
    copyTo(copy: string): void {
      const reader = new DatabaseSync(file, { readOnly: true });
      try {
        reader.prepare('VACUUM INTO ?').run(copy);
      } finally {
        reader.close();
      }
    },
    close(): void {
      try {
        // None is open after a commit that failed for want of room.
        if (database.isTransaction) database.exec('COMMIT');
      } finally {
        database.close();
      }
    },
  };
}

function laidOf(row: Row): Laid {
  const link = row.link;
  const entry: Entry = {
    path: String(row.path),
    type: row.type as Entry['type'],
    sizeBytes: Number(row.size),
    mode: Number(row.mode),
    mtimeMs: Number(row.mtime),
    ...(link === null ? {} : { linkTarget: String(link) }),
  };
  return { entry, run: row.run === null ? undefined : Number(row.run), offset: Number(row.place) };
}

function memberOf(row: Row): Member {
  return {
    run: Number(row.run),
    position: Number(row.position),
    packedBytes: Number(row.packed),
    rawBytes: Number(row.raw),
  };
}
