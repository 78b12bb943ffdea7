import { Button, PageSection, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { hasArchive } from '../reports/report.ts';
import { useReport, useReportSource } from '../reports/report-source.ts';
import { Moment } from '../time/moment.tsx';

/** One report. */
export function ReportPage() {
  const { t } = useTranslation();
  const { id } = useParams();
  const { report } = useReport(Number(id));
  const source = useReportSource();
  return (
    <PageSection>
      <Title headingLevel="h1">{t('Report {{id}}', { id })}</Title>
      {report !== undefined && <Moment at={report['created-at']} />}
      {report !== undefined && hasArchive(report) && (
        <Button component="a" href={source.archiveUrl(report.id)} download>
          {t('Download')}
        </Button>
      )}
    </PageSection>
  );
}
