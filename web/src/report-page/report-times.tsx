import { DescriptionList } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import type { Report } from '../reports/report.ts';
import { ReportDuration } from '../reports/report-duration.tsx';
import { Moment } from '../time/moment.tsx';
import { Detail } from './detail.tsx';

/** When a report was asked for, ran, and goes. */
export function ReportTimes({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const moments = [
    { term: t('Requested'), at: report['created-at'] },
    { term: t('Started'), at: report['started-at'] },
    { term: t('Finished'), at: report['finished-at'] },
    { term: t('Expires'), at: report['expires-at'] },
  ];
  return (
    <DescriptionList isHorizontal isCompact>
      {moments.map(
        ({ term, at }) =>
          at !== null && (
            <Detail key={term} term={term}>
              <Moment at={at} />
            </Detail>
          ),
      )}
      <Detail term={t('Duration')}>
        <ReportDuration report={report} />
      </Detail>
    </DescriptionList>
  );
}
