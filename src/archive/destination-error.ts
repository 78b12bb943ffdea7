import { MusterError, messageOf } from '../report/errors.ts';

/** What a disk or a path answers when the place, and not Muster, is the trouble. */
const placeCodes = new Set(
  'ENOSPC EDQUOT EFBIG EACCES EPERM EROFS ENOENT ENOTDIR EISDIR EEXIST ENAMETOOLONG EIO EMFILE ENFILE'.split(' '),
);

/** A failed write as the error that a person meets; anything else as it is. */
export function destinationError(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!placeCodes.has(code)) return error;
  return new MusterError('DestinationUnusable', `cannot write ${path}: ${messageOf(error)}`, { cause: error });
}
