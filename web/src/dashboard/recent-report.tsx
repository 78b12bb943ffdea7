import { Flex, FlexItem } from '@patternfly/react-core';
import { BanIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Report } from '../reports/report.ts';
import { useReportWords } from '../reports/report-words.ts';
import { usePaths } from '../shell/paths.ts';
import { Moment } from '../time/moment.tsx';
import { type IconStatus, StatusIcon } from './status-icon.tsx';

/** One line on a report that ended: `#14 ready`, and when. */
export function RecentReport({ report }: { readonly report: Report }) {
  const { title } = useReportWords();
  const paths = usePaths();
  const { status, word } = useEnding(report);
  const endedAt = report['finished-at'] ?? report['created-at'];
  return (
    <Flex flexWrap={{ default: 'nowrap' }} gap={{ default: 'gapSm' }}>
      <FlexItem>
        <StatusIcon status={status} otherwise={<BanIcon />} />
      </FlexItem>
      <FlexItem grow={{ default: 'grow' }} className="muster-prose">
        <Link to={paths.report(report.id)}>{title(report)}</Link>
        {` ${word}`}
      </FlexItem>
      <FlexItem flex={{ default: 'flexNone' }} className="muster-figures">
        <Moment at={endedAt} />
      </FlexItem>
    </Flex>
  );
}

type Ending = { readonly status: IconStatus | undefined; readonly word: string };

function useEnding({ phase }: Report): Ending {
  const { t } = useTranslation();
  switch (phase) {
    case 'Failed':
      return { status: 'danger', word: t('failed') };
    case 'Partial':
      return { status: 'warning', word: t('ready, incomplete') };
    case 'Cancelled':
      return { status: undefined, word: t('cancelled') };
    default:
      return { status: 'success', word: t('ready') };
  }
}
