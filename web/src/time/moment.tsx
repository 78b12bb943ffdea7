import { Timestamp, TimestampTooltipVariant } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { useServerNow } from './use-now.ts';

const MINUTE_MS = 60_000;

/** A moment relative to now, such as `5 minutes ago`, with the exact time on hover and focus. RFC 3339 in. */
export function Moment({ at }: { readonly at: string }) {
  const { i18n } = useTranslation();
  const now = useServerNow(MINUTE_MS / 2);
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '–';
  return (
    <Timestamp date={date} tooltip={{ variant: TimestampTooltipVariant.default, suffix: '' }}>
      {relativeTime(date.getTime() - now, i18n.language)}
    </Timestamp>
  );
}

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
