import { DescriptionList } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Report } from '../reports/report.ts';
import { useReports } from '../reports/report-source.ts';
import { useReportWords } from '../reports/report-words.ts';
import { usePaths } from '../shell/paths.ts';
import { Detail } from './detail.tsx';

/** All that was asked for; what was left out is left out here as well. */
export function ReportRequestList({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const words = useReportWords();
  const lists = [
    { term: t('Components'), values: report.components },
    { term: t('Images'), values: report.images },
    { term: t('Image streams'), values: report['image-streams'] },
  ];
  const texts = [
    { term: t('Custom name'), value: report['custom-name'] },
    { term: t('Node'), value: report['node-name'] },
    { term: t('Node selector'), value: report['node-selector'] },
    { term: t('Command'), value: report.command },
    { term: t('Timeout'), value: report.timeout },
    { term: t('Keep for'), value: report['delete-after'] },
    { term: t('Requested by'), value: report['requested-by'] },
  ];
  const isUsual = lists.every(({ values }) => values.length === 0);
  return (
    <DescriptionList isHorizontal isCompact>
      {isUsual && (
        <Detail term={t('Components')}>{report['all-images'] ? t('all components') : t('the cluster')}</Detail>
      )}
      {lists.map(({ term, values }) => values.length > 0 && <Names key={term} term={term} names={values} />)}
      <Detail term={t('Time period')}>{words.period(report)}</Detail>
      {texts.map(
        ({ term, value }) =>
          value !== '' && (
            <Detail key={term} term={term}>
              <bdi>{value}</bdi>
            </Detail>
          ),
      )}
      {report['retry-of'] !== null && (
        <Detail term={t('Retry of')}>
          <RetryOf id={report['retry-of']} />
        </Detail>
      )}
      <Detail term={t('Resource')}>
        <bdi>{report.name}</bdi>
      </Detail>
    </DescriptionList>
  );
}

function Names({ term, names }: { readonly term: string; readonly names: readonly string[] }) {
  return (
    <Detail term={term}>
      {names.map((name) => (
        <div key={name}>
          <bdi>{name}</bdi>
        </div>
      ))}
    </Detail>
  );
}

/** The report that is repeated has been deleted, most of the time. */
function RetryOf({ id }: { readonly id: number }) {
  const paths = usePaths();
  const { reports } = useReports();
  const title = `#${id}`;
  return reports.some((report) => report.id === id) ? <Link to={paths.report(id)}>{title}</Link> : <span>{title}</span>;
}
