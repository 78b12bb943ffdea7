import { Grid, GridItem, PageSection, Stack, StackItem, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { useOverview } from '../overview/overview.ts';
import { useReports } from '../reports/report-source.ts';
import { Failure } from '../shell/failure.tsx';
import { ActivityCard } from './activity-card.tsx';
import { DetailsCard } from './details-card.tsx';
import { EndingAnnouncer } from './ending-announcer.tsx';
import { StatusCard } from './status-card.tsx';

/** The overview: how the cluster is, the reports there are, and those being made. */
export function DashboardPage() {
  const { t } = useTranslation();
  const list = useReports();
  const { data, error, refetch } = useOverview();
  return (
    <PageSection>
      <Title headingLevel="h1" className="pf-v6-screen-reader">
        {t('Overview')}
      </Title>
      {list.error !== undefined && <Failure error={list.error} />}
      {list.error === undefined && (
        <Grid hasGutter>
          <GridItem lg={8}>
            <StatusCard list={list} overview={data} error={error} onRetry={() => void refetch()} />
          </GridItem>
          <GridItem lg={4}>
            <Stack hasGutter>
              <StackItem>
                <ActivityCard {...list} />
              </StackItem>
              <StackItem>
                <DetailsCard overview={data} isFailed={error !== null} />
              </StackItem>
            </Stack>
          </GridItem>
        </Grid>
      )}
      <EndingAnnouncer reports={list.reports} />
    </PageSection>
  );
}
