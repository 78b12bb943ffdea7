import { Button, PageSection, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useReportActions } from '../report-actions/use-report-actions.tsx';
import { hasArchive } from '../reports/report.ts';
import { useReport, useReportSource } from '../reports/report-source.ts';
import { useReportWords } from '../reports/report-words.ts';
import { StatusLabel } from '../reports/status-label.tsx';
import { Moment } from '../time/moment.tsx';

/** One report. */
export function ReportPage() {
  const { t } = useTranslation();
  const { id } = useParams();
  const { report } = useReport(Number(id));
  const source = useReportSource();
  const words = useReportWords();
  const actions = useReportActions();
  return (
    <PageSection>
      <Title headingLevel="h1">{t('Report {{id}}', { id })}</Title>
      {report !== undefined && (
        <>
          <StatusLabel report={report} />
          {words.scope(report)}
          <Moment at={report['created-at']} />
          <Button variant="danger" onClick={() => void actions.remove([report])}>
            {t('Delete')}
          </Button>
        </>
      )}
      {report !== undefined && hasArchive(report) && (
        <Button component="a" href={source.archiveUrl(report.id)} download>
          {t('Download')}
        </Button>
      )}
    </PageSection>
  );
}
