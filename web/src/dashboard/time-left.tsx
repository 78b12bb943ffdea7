import { Timestamp, TimestampTooltipVariant } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import type { Report } from '../reports/report.ts';
import { useServerNow } from '../time/use-now.ts';
import { isCleared } from './is-cleared.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `Deleted in 23 h`, or `Cleared in 11 h` of a failure; by the service's clock, the exact time on hover. */
export function TimeLeft({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const leftWords = useLeftWords();
  const now = useServerNow(MINUTE_MS / 2);
  const expiresAt = report['expires-at'];
  if (expiresAt === null) return <span>{t('Kept until it is deleted')}</span>;
  const date = new Date(expiresAt);
  const duration = leftWords(date.getTime() - now);
  return (
    <Timestamp date={date} tooltip={{ variant: TimestampTooltipVariant.default, suffix: '' }}>
      {isCleared(report) ? t('Cleared in {{duration}}', { duration }) : t('Deleted in {{duration}}', { duration })}
    </Timestamp>
  );
}

/** Rounded down: `6 days`, `23 h`, `45 min`. */
function useLeftWords(): (leftMs: number) => string {
  const { t } = useTranslation();
  return (leftMs) => {
    if (leftMs >= 2 * DAY_MS) {
      const count = Math.floor(leftMs / DAY_MS);
      return t('dayCount', { count, defaultValue_one: '{{count}} day', defaultValue_other: '{{count}} days' });
    }
    if (leftMs >= HOUR_MS) return t('{{hours}} h', { hours: Math.floor(leftMs / HOUR_MS) });
    if (leftMs >= MINUTE_MS) return t('{{minutes}} min', { minutes: Math.floor(leftMs / MINUTE_MS) });
    return t('less than a minute');
  };
}
