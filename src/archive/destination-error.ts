import { MusterError, messageOf } from '../report/errors.ts';

/** What a disk or a path answers when the place, and not Muster, is the trouble. */
const placeCodes = new Set(
  'ENOSPC EDQUOT EFBIG EACCES EPERM EROFS ENOENT ENOTDIR EISDIR EEXIST ENAMETOOLONG EIO EMFILE ENFILE'.split(' '),
);
/** The same from SQLite: SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN (https://sqlite.org/rescode.html). */
const sqlitePlaceCodes = new Set([8, 10, 13, 14]);

/** A failed write as the error that a person meets (`DestinationFailed`); anything else as it is. */
export function destinationError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !isOfThePlace(error)) return error;
  return new MusterError('DestinationFailed', `cannot write ${path}: ${messageOf(error)}`, { cause: error });
}

function isOfThePlace(error: Error & { code?: unknown; errcode?: unknown }): boolean {
  if (error.code === 'ERR_SQLITE_ERROR') return sqlitePlaceCodes.has(Number(error.errcode) & 0xff);
  return placeCodes.has(String(error.code));
}
