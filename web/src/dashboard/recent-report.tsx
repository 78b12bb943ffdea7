import { Flex, FlexItem, Icon } from '@patternfly/react-core';
import { BanIcon, CheckCircleIcon, ExclamationCircleIcon, ExclamationTriangleIcon } from '@patternfly/react-icons';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Report } from '../reports/report.ts';
import { useReportWords } from '../reports/report-words.ts';
import { usePaths } from '../shell/paths.ts';
import { Moment } from '../time/moment.tsx';

/** One line on a report that ended: `#14 ready`, and when. */
export function RecentReport({ report }: { readonly report: Report }) {
  const { title } = useReportWords();
  const paths = usePaths();
  const { icon, word } = useEnding(report);
  const endedAt = report['finished-at'] ?? report['created-at'];
  return (
    <Flex flexWrap={{ default: 'nowrap' }} gap={{ default: 'gapSm' }}>
      <FlexItem>{icon}</FlexItem>
      <FlexItem grow={{ default: 'grow' }} className="muster-prose">
        <Link to={paths.report(report.id)}>
          <bdi>{title(report)}</bdi>
        </Link>
        {` ${word}`}
      </FlexItem>
      <FlexItem flex={{ default: 'flexNone' }} className="muster-figures">
        <Moment at={endedAt} />
      </FlexItem>
    </Flex>
  );
}

function useEnding({ phase }: Report): { readonly icon: ReactElement; readonly word: string } {
  const { t } = useTranslation();
  if (phase === 'Failed') {
    const icon = (
      <Icon status="danger">
        <ExclamationCircleIcon />
      </Icon>
    );
    return { word: t('failed'), icon };
  }
  if (phase === 'Partial') {
    const icon = (
      <Icon status="warning">
        <ExclamationTriangleIcon />
      </Icon>
    );
    return { word: t('ready, incomplete'), icon };
  }
  if (phase === 'Cancelled') {
    const icon = (
      <Icon>
        <BanIcon />
      </Icon>
    );
    return { word: t('cancelled'), icon };
  }
  const icon = (
    <Icon status="success">
      <CheckCircleIcon />
    </Icon>
  );
  return { word: t('ready'), icon };
}
