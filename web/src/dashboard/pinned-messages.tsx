import { Stack, StackItem } from '@patternfly/react-core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { isOngoing, type Report } from '../reports/report.ts';
import { usePaths } from '../shell/paths.ts';
import { useServerNow } from '../time/use-now.ts';
import { Folded } from './folded.tsx';
import { lastEndedFirst } from './last-ended-first.ts';
import { PinnedMessage } from './pinned-message.tsx';

const SHOWN = 3;
const MOST_UNFOLDED = 20;
const LOOK_EVERY_MS = 15_000;

type PinnedMessagesProps = {
  /** Those that `usePinned` found. */
  readonly reports: readonly Report[];
  /** A person asked for the end of the report with this number. */
  readonly onLeave: (id: number) => void;
};

/** A message for each of these reports; more than three fold. */
export function PinnedMessages({ reports, onLeave }: PinnedMessagesProps) {
  const { t } = useTranslation();
  const rest = reports.slice(SHOWN);
  return (
    <section aria-label={t('Diagnostic reports')}>
      <Stack hasGutter>
        <Messages reports={reports.slice(0, SHOWN)} onLeave={onLeave} />
        {rest.length > 0 && (
          <StackItem>
            <Folded
              title={t('moreReports', {
                count: rest.length,
                defaultValue_one: '{{count}} more report',
                defaultValue_other: '{{count}} more reports',
              })}
            >
              <Stack hasGutter>
                <Messages reports={rest.slice(0, MOST_UNFOLDED)} onLeave={onLeave} />
                {rest.length > MOST_UNFOLDED && <AllReports />}
              </Stack>
            </Folded>
          </StackItem>
        )}
      </Stack>
    </section>
  );
}

function Messages({ reports, onLeave }: PinnedMessagesProps) {
  return reports.map((report) => (
    <StackItem key={report.id}>
      <PinnedMessage report={report} onLeave={() => onLeave(report.id)} />
    </StackItem>
  ));
}

function AllReports() {
  const { t } = useTranslation();
  const paths = usePaths();
  return (
    <StackItem>
      <Link to={paths.reports}>{t('View all reports')}</Link>
    </StackItem>
  );
}

/** The reports that ended and are still there, the last to end first. */
export function usePinned(reports: readonly Report[]): readonly Report[] {
  const now = useServerNow(LOOK_EVERY_MS);
  return useMemo(() => {
    const isThere = (report: Report) => {
      const expiresAt = report['expires-at'];
      return !isOngoing(report) && (expiresAt === null || Date.parse(expiresAt) > now);
    };
    return reports.filter(isThere).sort(lastEndedFirst);
  }, [reports, now]);
}
