import {
  Button,
  Card,
  CardBody,
  CardHeader,
  CardTitle,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  List,
  ListItem,
  Skeleton,
  Stack,
  StackItem,
  Title,
} from '@patternfly/react-core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useGenerate } from '../generate/use-generate.ts';
import { isOngoing, type Report } from '../reports/report.ts';
import type { ReportList } from '../reports/report-source.ts';
import { usePaths } from '../shell/paths.ts';
import { Folded } from './folded.tsx';
import { lastEndedFirst } from './last-ended-first.ts';
import { OngoingReport } from './ongoing-report.tsx';
import { RecentReport } from './recent-report.tsx';

const ONGOING_SHOWN = 5;
const MOST_UNFOLDED = 50;
const RECENT_SHOWN = 5;

/** What is being made, and what ended last. */
export function ActivityCard({ reports, liveness }: ReportList) {
  const { t } = useTranslation();
  const paths = usePaths();
  const isKnown = liveness !== 'loading';
  return (
    <Card component="section" aria-label={t('Activity')}>
      <CardHeader
        actions={{
          actions: reports.length > 0 && <Link to={paths.reports}>{t('View reports')}</Link>,
          hasNoOffset: true,
        }}
      >
        <CardTitle component="h2">{t('Activity')}</CardTitle>
      </CardHeader>
      <CardBody>
        {!isKnown && <Skeleton screenreaderText={t('Loading reports')} />}
        {isKnown && reports.length === 0 && <NoReports />}
        {reports.length > 0 && <Reports reports={reports} />}
      </CardBody>
    </Card>
  );
}

function Reports({ reports }: { readonly reports: readonly Report[] }) {
  const { t } = useTranslation();
  const ongoing = useMemo(() => reports.filter(isOngoing), [reports]);
  const recent = useMemo(
    () =>
      reports
        .filter((report) => !isOngoing(report))
        .sort(lastEndedFirst)
        .slice(0, RECENT_SHOWN),
    [reports],
  );
  return (
    <Stack hasGutter>
      <StackItem>
        <Title headingLevel="h3" size="md">
          {t('Ongoing')}
        </Title>
        <Ongoing reports={ongoing} />
      </StackItem>
      {recent.length > 0 && (
        <StackItem>
          <Title headingLevel="h3" size="md">
            {t('Recent')}
          </Title>
          <List isPlain>
            {recent.map((report) => (
              <ListItem key={report.id}>
                <RecentReport report={report} />
              </ListItem>
            ))}
          </List>
        </StackItem>
      )}
    </Stack>
  );
}

function Ongoing({ reports }: { readonly reports: readonly Report[] }) {
  const { t } = useTranslation();
  if (reports.length === 0) return <p className="muster-aside">{t('No report is being generated.')}</p>;
  const rest = reports.slice(ONGOING_SHOWN);
  return (
    <>
      <OngoingList reports={reports.slice(0, ONGOING_SHOWN)} />
      {rest.length > 0 && (
        <Folded title={t('{{count}} more', { count: rest.length })}>
          <OngoingList reports={rest.slice(0, MOST_UNFOLDED)} />
        </Folded>
      )}
    </>
  );
}

function OngoingList({ reports }: { readonly reports: readonly Report[] }) {
  return (
    <List isPlain>
      {reports.map((report) => (
        <ListItem key={report.id}>
          <OngoingReport report={report} />
        </ListItem>
      ))}
    </List>
  );
}

function NoReports() {
  const { t } = useTranslation();
  const generate = useGenerate();
  return (
    <EmptyState variant="xs" headingLevel="h3" titleText={t('No reports yet')}>
      <EmptyStateBody>
        {t(
          'A diagnostic report holds what support needs to see of this cluster: logs, events and resources in one archive.',
        )}
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button onClick={() => generate()}>{t('Generate diagnostic report')}</Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
