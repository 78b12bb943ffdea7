import { Button, Card, CardBody, CardHeader, CardTitle, Content } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { ActivityCard } from '../../dashboard/activity-card.tsx';
import { EndingAnnouncer } from '../../dashboard/ending-announcer.tsx';
import { PinnedMessages, usePinned } from '../../dashboard/pinned-messages.tsx';
import { useGenerate } from '../../generate/use-generate.ts';
import { useReports } from '../../reports/report-source.ts';
import { Failure } from '../../shell/failure.tsx';
import { Contribution } from '../contribution.tsx';

/** What became of reports, on the tab `Diagnostics` of the cluster's dashboard. */
export function ReportsCard() {
  return (
    <Contribution>
      <Reports />
    </Contribution>
  );
}

/** Reports that are being generated, and the last ones, beside it. */
export function ReportActivityCard() {
  return (
    <Contribution>
      <Activity />
    </Contribution>
  );
}

function Reports() {
  const { t } = useTranslation();
  const { reports, error } = useReports();
  const pinned = usePinned(reports);
  const generate = useGenerate();
  const button = (
    <Button variant="secondary" onClick={() => generate()}>
      {t('Generate report')}
    </Button>
  );
  return (
    <Card>
      <CardHeader actions={{ actions: button }}>
        <CardTitle>{t('Diagnostic reports')}</CardTitle>
      </CardHeader>
      <CardBody>
        {error !== undefined && <Failure error={error} />}
        <EndingAnnouncer reports={reports} />
        <PinnedMessages reports={pinned} onLeave={() => undefined} />
        {error === undefined && pinned.length === 0 && (
          <Content component="p">{t('There are no reports. One holds what support needs to help.')}</Content>
        )}
      </CardBody>
    </Card>
  );
}

function Activity() {
  return <ActivityCard {...useReports()} />;
}
