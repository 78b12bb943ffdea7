import { Breadcrumb, BreadcrumbItem, Button, DropdownItem, PageSection, Title } from '@patternfly/react-core';
import { DownloadIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { hasArchive, type Report } from '../reports/report.ts';
import { ReportMenu } from '../reports/report-menu.tsx';
import { useReportSource } from '../reports/report-source.ts';
import { useReportWords } from '../reports/report-words.ts';
import { StatusLabel } from '../reports/status-label.tsx';
import { usePaths } from '../shell/paths.ts';
import { useVerify } from './use-verify.ts';

/** Which report this is, how it is, and what can be done with it. */
export function ReportHeader({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const source = useReportSource();
  const words = useReportWords();
  const paths = usePaths();
  const navigate = useNavigate();
  const verify = useVerify();
  const title = words.title(report);
  return (
    <PageSection>
      <Breadcrumb aria-label={t('Where this is')}>
        <BreadcrumbItem>
          <Link to={paths.reports}>{t('Reports')}</Link>
        </BreadcrumbItem>
        <BreadcrumbItem isActive>{`#${report.id}`}</BreadcrumbItem>
      </Breadcrumb>
      <div className="muster-header">
        <div className="muster-title">
          <Title headingLevel="h1" className="muster-prose">
            <bdi>{t('Report {{title}}', { title })}</bdi>
          </Title>
          <span role="status">
            <StatusLabel report={report} />
          </span>
        </div>
        <div className="muster-title">
          {hasArchive(report) && (
            <Button component="a" href={source.archiveUrl(report.id)} download icon={<DownloadIcon />}>
              {t('Download')}
            </Button>
          )}
          <ReportMenu
            report={report}
            title={title}
            withoutDownload
            onRetried={({ id }) => void navigate(paths.report(id))}
            onDeleted={() => void navigate(paths.reports)}
          >
            {hasArchive(report) && (
              <DropdownItem onClick={() => void verify(report)}>{t('Verify archive')}</DropdownItem>
            )}
          </ReportMenu>
        </div>
      </div>
    </PageSection>
  );
}
