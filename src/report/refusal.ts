import { MusterError } from './errors.ts';

/**
 * The refusal of one value: `--timeout: 1d: d is no unit; use hours: 24h`. `field` is the flag or key as the asker
 * wrote it, empty where the caller has no name for it.
 */
export function invalidInput(field: string, reason: string): MusterError {
  return new MusterError('InvalidInput', field === '' ? reason : `${field}: ${reason}`, { field });
}

/** A value for a message: in quotes, cut to a length that a person reads, control characters spelled out. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
}
