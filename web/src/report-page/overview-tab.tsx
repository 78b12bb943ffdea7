import { Grid, GridItem, Stack, StackItem, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { GatherRows } from '../reports/gather-rows.tsx';
import type { Report } from '../reports/report.ts';
import { ReportArchive } from './report-archive.tsx';
import { ReportProgress } from './report-progress.tsx';
import { ReportRequestList } from './report-request-list.tsx';
import { ReportTimes } from './report-times.tsx';

/** What became of a report, and what was asked for. */
export function OverviewTab({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  return (
    <Stack hasGutter>
      <StackItem>
        <ReportProgress report={report} />
      </StackItem>
      {report.gathers.length > 0 && (
        <StackItem>
          <Title headingLevel="h2">{t('Gathers')}</Title>
          <GatherRows report={report} />
        </StackItem>
      )}
      <StackItem>
        <Grid hasGutter lg={6}>
          <GridItem>
            <Title headingLevel="h2">{t('Request')}</Title>
            <ReportRequestList report={report} />
          </GridItem>
          <GridItem>
            <ReportArchive report={report} />
            <Title headingLevel="h2">{t('Times')}</Title>
            <ReportTimes report={report} />
          </GridItem>
        </Grid>
      </StackItem>
    </Stack>
  );
}
