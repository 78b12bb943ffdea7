import { Flex, FlexItem, Spinner } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { formatElapsed, formatSize } from '../../../src/report/format.ts';
import { isFinalGather } from '../../../src/report/gather-lifecycle.ts';
import type { Report } from '../reports/report.ts';
import { useReportWords } from '../reports/report-words.ts';
import { usePaths } from '../shell/paths.ts';
import { useServerNow } from '../time/use-now.ts';

/** A report that is being made: how far it is, and since when. */
export function OngoingReport({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const words = useReportWords();
  const paths = usePaths();
  const title = words.title(report);
  return (
    <Flex flexWrap={{ default: 'nowrap' }} alignItems={{ default: 'alignItemsFlexStart' }} gap={{ default: 'gapSm' }}>
      <FlexItem>
        <Spinner size="md" aria-hidden />
      </FlexItem>
      <FlexItem className="muster-prose">
        <div>{t('Generating diagnostic report')}</div>
        <div className="muster-aside">
          {title}
          {` · ${words.scope(report)}`}
        </div>
        <ProgressLine report={report} />
        <Link to={paths.report(report.id)} aria-label={t('View report {{title}}', { title })}>
          {t('View report')}
        </Link>
      </FlexItem>
    </Flex>
  );
}

/** `3 of 4 components · 62 % · 2m 10s`; what was brought out so far where nothing is known of how long it takes. */
function ProgressLine({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const now = useServerNow();
  const { progress, gathers } = report;
  const elapsed = formatElapsed(now - Date.parse(report['started-at'] ?? report['created-at']));
  const percent = progress?.percent;
  const size = t('{{size}} so far', { size: formatSize(progress?.bytes ?? 0) });
  const count = useGatherCount(report);
  const counts = report.phase === 'Packing' ? t('packing') : count;
  const line = [counts, percent === undefined ? size : t('{{percent}} %', { percent }), elapsed];
  const isBegun = gathers.length > 0;
  return <div className="muster-figures">{(isBegun ? line : [t('Waiting to start'), elapsed]).join(' · ')}</div>;
}

/** A component may have gathers on several nodes; then gathers are counted. */
function useGatherCount({ components, gathers, 'all-images': isAll, 'node-selector': nodes }: Report): string {
  const { t } = useTranslation();
  const ended = gathers.filter(isFinalGather).length;
  const isByComponent = gathers.length === components.length || (isAll && nodes === '');
  if (isByComponent) {
    return t('endedComponents', {
      ended,
      count: gathers.length,
      defaultValue_one: '{{ended}} of {{count}} component',
      defaultValue_other: '{{ended}} of {{count}} components',
    });
  }
  return t('endedGathers', {
    ended,
    count: gathers.length,
    defaultValue_one: '{{ended}} of {{count}} gather',
    defaultValue_other: '{{ended}} of {{count}} gathers',
  });
}
