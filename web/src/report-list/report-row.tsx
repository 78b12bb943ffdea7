import { Td, Tr } from '@patternfly/react-table';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { hasArchive, isOngoing, type Report } from '../reports/report.ts';
import { ReportDuration } from '../reports/report-duration.tsx';
import { ReportMenu } from '../reports/report-menu.tsx';
import { Size } from '../reports/size.tsx';
import { StatusLabel } from '../reports/status-label.tsx';
import { usePaths } from '../shell/paths.ts';
import { Moment } from '../time/moment.tsx';

export type ColumnTitles = Readonly<
  Record<'report' | 'status' | 'components' | 'requester' | 'started' | 'duration' | 'size' | 'expires', string>
>;

type ReportRowProps = {
  readonly report: Report;
  readonly title: string;
  readonly scope: string;
  readonly columns: ColumnTitles;
  readonly isChosen: boolean;
  readonly onSelect: (reports: readonly Report[], isSelected: boolean) => void;
};

/** One report in the list; drawn again only when it, or whether it is chosen, changes. */
export const ReportRow = memo(Row);

function Row({ report, title, scope, columns, isChosen, onSelect }: ReportRowProps) {
  const { t } = useTranslation();
  const paths = usePaths();
  const percent = isOngoing(report) ? report.progress?.percent : undefined;
  return (
    <Tr isRowSelected={isChosen}>
      <Td className="pf-v6-c-table__check">
        {/* Not Td's own: that one is called "Select row 3", whatever stands there. */}
        <label>
          <input
            type="checkbox"
            aria-label={t('Select report {{title}}', { title })}
            checked={isChosen}
            onChange={({ target }) => onSelect([report], target.checked)}
          />
        </label>
      </Td>
      <Td dataLabel={columns.report} modifier="breakWord">
        <Link to={paths.report(report.id)}>{title}</Link>
      </Td>
      <Td dataLabel={columns.status} modifier="nowrap">
        <span>
          <StatusLabel report={report} />
          {percent !== undefined && <small className="muster-beside">{t('{{percent}} %', { percent })}</small>}
        </span>
      </Td>
      <Td dataLabel={columns.components} modifier="breakWord">
        <bdi title={report.components.join(', ')}>{scope}</bdi>
      </Td>
      <Td dataLabel={columns.requester} modifier="breakWord">
        {report['requested-by'] === '' ? t('–') : <bdi>{report['requested-by']}</bdi>}
      </Td>
      <Td dataLabel={columns.started}>
        <Moment at={report['started-at'] ?? report['created-at']} />
      </Td>
      <Td dataLabel={columns.duration} modifier="nowrap">
        <ReportDuration report={report} />
      </Td>
      <Td dataLabel={columns.size} modifier="nowrap">
        {hasArchive(report) ? <Size sizeBytes={report['archive-size']} /> : t('–')}
      </Td>
      <Td dataLabel={columns.expires}>
        {report['expires-at'] === null ? t('–') : <Moment at={report['expires-at']} />}
      </Td>
      <Td isActionCell>
        <ReportMenu report={report} title={title} />
      </Td>
    </Tr>
  );
}
