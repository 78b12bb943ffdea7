import { DropdownItem } from '@patternfly/react-core';
import { EllipsisVIcon } from '@patternfly/react-icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useReportActions } from '../report-actions/use-report-actions.tsx';
import { Menu } from '../shell/menu.tsx';
import { hasArchive, isOngoing, type Report } from './report.ts';
import { useReportSource } from './report-source.ts';

type ReportMenuProps = {
  readonly report: Report;
  /** The report's, for the name of the menu. */
  readonly title: string;
  readonly onRetried?: (again: Report) => void;
  readonly onDeleted?: () => void;
  /** Not beside a button that does the same. */
  readonly withoutDownload?: boolean;
  /** What else can be done. */
  readonly children?: ReactNode;
};

/** What can be done with one report. */
export function ReportMenu({
  report,
  title,
  onRetried,
  onDeleted,
  withoutDownload = false,
  children,
}: ReportMenuProps) {
  const { t } = useTranslation();
  const source = useReportSource();
  const actions = useReportActions();
  const retry = async () => {
    const again = await actions.retry(report);
    if (again !== undefined) onRetried?.(again);
  };
  const remove = async () => {
    if (await actions.remove([report])) onDeleted?.();
  };
  return (
    <Menu icon={<EllipsisVIcon />} label={t('Actions for {{title}}', { title })}>
      {hasArchive(report) && !withoutDownload && (
        <DropdownItem to={source.archiveUrl(report.id)} download={report['archive-name']}>
          {t('Download')}
        </DropdownItem>
      )}
      {children}
      {isOngoing(report) ? (
        <DropdownItem onClick={() => void actions.cancel(report)}>{t('Cancel report')}</DropdownItem>
      ) : (
        <DropdownItem onClick={() => void retry()}>{t('Retry')}</DropdownItem>
      )}
      <DropdownItem isDanger onClick={() => void remove()}>
        {t('Delete')}
      </DropdownItem>
    </Menu>
  );
}
