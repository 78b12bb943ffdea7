import { invalidInput, quoted } from './refusal.ts';

/**
 * RFC 3339 with upper-case T and Z, as Go's `time.RFC3339` and RFC 3339 both have it. What only Go takes (hours of one
 * digit, a comma before fractions, offsets of 24 hours) is left out: the tools in gather images do not agree on it.
 */
export const RFC3339_PATTERN =
  '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$';
const RFC3339 = new RegExp(RFC3339_PATTERN);

/** Checks a time and hands it back as it was written. Throws MusterError InvalidInput. */
export function parseTime(text: string, field = ''): string {
  const refuse = (why: string) => invalidInput(field, `${quoted(text)}: ${why}`);
  if (text.length > 64) throw refuse('longer than 64 characters');
  if (!RFC3339.test(text)) throw refuse('no RFC 3339 time; write it such as 2026-11-21T10:30:00Z');
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  // Kubernetes' rules know the years 1 to 9999 only.
  if (year === 0) throw refuse('there is no year 0');
  if (day > daysIn(year, month)) throw refuse(`month ${month} of ${year} has no day ${day}`);
  return text;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
