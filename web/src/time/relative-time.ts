const MINUTE_MS = 60_000;

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 24 * 60 * MINUTE_MS],
  ['hour', 60 * MINUTE_MS],
  ['minute', MINUTE_MS],
];

/** `in 3 hours`, `5 minutes ago`, `now`, in the person's language. */
export function relativeTime(distanceMs: number, language: string): string {
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  for (const [unit, lengthMs] of STEPS) {
    if (Math.abs(distanceMs) >= lengthMs) return words.format(Math.trunc(distanceMs / lengthMs), unit);
  }
  return words.format(0, 'second');
}
