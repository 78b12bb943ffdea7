import { Button, Flex, Stack, StackItem } from '@patternfly/react-core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useGenerate } from '../generate/use-generate.ts';
import { useReports } from '../reports/report-source.ts';
import { Failure } from '../shell/failure.tsx';
import { usePaths } from '../shell/paths.ts';
import { Contribution } from './contribution.tsx';
import { ReportNotice } from './report-notice.tsx';

/** A popover has no room for more; the others are a click away. */
const MOST_SHOWN = 3;

/** The newest reports with what can be done about them, and the way to a new one. */
export function ReportsPopover() {
  return (
    <Contribution>
      <Newest />
    </Contribution>
  );
}

/**
 * PatternFly's popover closes on a click beside it, and the console gives what is in it no other way. It would stay above
 * the dialog, and hide part of it.
 */
const closePopover = () => document.body.click();

function Newest() {
  const { t } = useTranslation();
  const { reports, error } = useReports();
  const generate = useGenerate();
  const paths = usePaths();
  const shown = Math.min(reports.length, MOST_SHOWN);
  useEffect(() => {
    // The popover found its place before this was loaded, and looks for it again when the window changes.
    if (shown >= 0) window.dispatchEvent(new Event('resize'));
  }, [shown]);
  if (error !== undefined) return <Failure error={error} />;
  return (
    <Stack hasGutter>
      {reports.slice(0, MOST_SHOWN).map((report) => (
        <StackItem key={report.id}>
          <ReportNotice report={report} />
        </StackItem>
      ))}
      {reports.length === 0 && (
        <StackItem>{t('There are no reports. One holds what support needs to help.')}</StackItem>
      )}
      <StackItem>
        <Flex gap={{ default: 'gapMd' }}>
          <Button
            variant="secondary"
            onClick={() => {
              closePopover();
              generate();
            }}
          >
            {t('Generate report')}
          </Button>
          <Link to={paths.reports}>{t('View reports')}</Link>
        </Flex>
      </StackItem>
    </Stack>
  );
}
