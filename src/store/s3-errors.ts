import { MusterError } from '../report/errors.ts';

/** Full, in the words of AWS, Ceph and MinIO; 507 says it too. */
const fullNames = new Set([
  'EntityTooLarge',
  'InsufficientStorage',
  'QuotaExceeded',
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
]);

type Failure = Error & { code?: unknown; $metadata?: { httpStatusCode?: number } };

export type Refused = {
  /** `read`, `store`, `list`: what could not be done. */
  readonly verb: string;
  /** `s3://BUCKET/PREFIX/KEY`. */
  readonly place: string;
  readonly redact: (text: string) => string;
};

/**
 * What the S3 client threw as the error that a person meets: `NotFound`, `ChangedMeanwhile`, `DestinationFailed` (full),
 * `DestinationUnusable` (no such bucket), else `StoreUnavailable`. It has no cause: the client's errors hold answers of
 * the server, which may hold what was sent to it.
 */
export function storeError(refused: Refused, error: unknown): Error {
  if (error instanceof MusterError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  const failure: Failure = error;
  const status = failure.$metadata?.httpStatusCode;
  const { verb, place, redact } = refused;
  if (failure.name === 'NoSuchBucket')
    return new MusterError('DestinationUnusable', `${place}: there is no such bucket`);
  if (failure.name === 'NoSuchKey' || status === 404)
    return new MusterError('NotFound', `${place} is not in the store`);
  if (status === 412) return new MusterError('ChangedMeanwhile', `${place} was changed while it was read`);
  const said = redact(reasonOf(failure));
  const isFull = status === 507 || fullNames.has(failure.name);
  return new MusterError(isFull ? 'DestinationFailed' : 'StoreUnavailable', `cannot ${verb} ${place}: ${said}`);
}

/** A connection that was refused at each of a name's addresses is an AggregateError without a message. */
function reasonOf(failure: Failure): string {
  const words = [failure.name, failure.code, failure.message].filter((word) => typeof word === 'string' && word !== '');
  return [...new Set(words)].filter((word) => word !== 'Error').join(': ');
}
