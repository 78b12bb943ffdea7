import { Timestamp, TimestampTooltipVariant } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { relativeTime } from './relative-time.ts';
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
