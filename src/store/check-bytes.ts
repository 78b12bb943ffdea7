import { MusterError } from '../report/errors.ts';
import type { ByteRange, Digest } from './store.ts';

/** `InvalidInput` when an object is not what was expected of it. */
export function refuseOther(key: string, is: Digest, expected: Partial<Digest> = {}): void {
  const size = expected.sizeBytes ?? is.sizeBytes;
  if (size !== is.sizeBytes) throw new MusterError('InvalidInput', `${key} has ${is.sizeBytes} bytes, not ${size}`);
  const sha256 = expected.sha256 ?? is.sha256;
  if (sha256 !== is.sha256) throw new MusterError('InvalidInput', `${key} has SHA-256 ${is.sha256}, not ${sha256}`);
}

/** The range with both ends, in an object of `sizeBytes`; `RangeOutside` where the object has no such bytes. */
export function rangeWithin(key: string, sizeBytes: number, range: ByteRange = { start: 0 }): Required<ByteRange> {
  const { start, end = sizeBytes } = range;
  const isWithin = Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end;
  if (isWithin && end <= sizeBytes) return { start, end };
  throw new MusterError('RangeOutside', `${key} has ${sizeBytes} bytes, no stretch from ${start} to ${end}`);
}
