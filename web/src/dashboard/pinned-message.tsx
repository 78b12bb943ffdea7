import { Alert, AlertActionLink, type AlertProps } from '@patternfly/react-core';
import { BanIcon } from '@patternfly/react-icons';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { formatSize } from '../../../src/report/format.ts';
import type { Phase } from '../../../src/report/status.ts';
import { useReportActions } from '../report-actions/use-report-actions.tsx';
import { hasArchive, type Report } from '../reports/report.ts';
import { useReportSource } from '../reports/report-source.ts';
import { useReportWords } from '../reports/report-words.ts';
import { usePaths } from '../shell/paths.ts';
import { isCleared } from './is-cleared.ts';
import { Kebab } from './kebab.tsx';
import { MissingGathers } from './missing-gathers.tsx';
import { TimeLeft } from './time-left.tsx';

type PinnedMessageProps = {
  readonly report: Report;
  /** The person asked for its end, and the report goes. */
  readonly onLeave?: () => void;
};

/** What became of a report that ended: what there is to download, what failed, and until when it is there. */
export function PinnedMessage({ report, onLeave }: PinnedMessageProps) {
  const { t } = useTranslation();
  const { title } = useReportWords();
  const { remove } = useReportActions();
  const look = useLook(report.phase);
  const leave = async () => {
    if (await remove([report])) onLeave?.();
  };
  return (
    <Alert
      isInline
      component="h3"
      {...look}
      actionClose={
        <Kebab
          label={t('Actions for report {{title}}', { title: title(report) })}
          actions={[{ title: isCleared(report) ? t('Clear') : t('Delete'), run: () => void leave() }]}
        />
      }
      actionLinks={<Links report={report} {...(onLeave === undefined ? {} : { onLeave })} />}
    >
      <div className="muster-prose">
        <Summary report={report} />
        <Outcome report={report} />
      </div>
    </Alert>
  );
}

type Look = Pick<AlertProps, 'variant' | 'variantLabel' | 'title' | 'customIcon'>;

function useLook(phase: Phase): Look {
  const { t } = useTranslation();
  if (phase === 'Failed') {
    return { variant: 'danger', variantLabel: t('Failure:'), title: t('Diagnostic report failed') };
  }
  if (phase === 'Cancelled') {
    const title = t('Diagnostic report was cancelled');
    return { variant: 'custom', variantLabel: t('Note:'), title, customIcon: <BanIcon /> };
  }
  if (phase === 'Partial') {
    const title = t('Diagnostic report is ready, but incomplete');
    return { variant: 'warning', variantLabel: t('Warning:'), title };
  }
  return { variant: 'info', variantLabel: t('Information:'), title: t('Diagnostic report is ready') };
}

/** `#15 · 4 components, last 8 hours · 96 MB`. */
function Summary({ report }: { readonly report: Report }) {
  const { title, scope } = useReportWords();
  const paths = usePaths();
  const size = isCleared(report) ? [] : [formatSize(report['archive-size'])];
  return (
    <p>
      <Link to={paths.report(report.id)}>{title(report)}</Link>
      {['', scope(report), ...size].join(' · ')}
    </p>
  );
}

function Outcome({ report }: { readonly report: Report }): ReactNode {
  const { t } = useTranslation();
  if (report.phase === 'Completed') return null;
  if (report.phase !== 'Cancelled') return <MissingGathers report={report} />;
  return <p>{hasArchive(report) ? t('What was gathered until then is kept.') : t('Nothing was kept.')}</p>;
}

function Links({ report, onLeave }: PinnedMessageProps) {
  const { t } = useTranslation();
  const source = useReportSource();
  const words = useReportWords();
  const { retry } = useReportActions();
  const [isRetrying, setIsRetrying] = useState(false);
  const title = words.title(report);
  const again = async () => {
    setIsRetrying(true);
    const next = await retry(report);
    setIsRetrying(false);
    if (next !== undefined) onLeave?.();
  };
  return (
    <>
      {!isCleared(report) && (
        <AlertActionLink
          component="a"
          href={source.archiveUrl(report.id)}
          download
          aria-label={t('Download report {{title}}', { title })}
        >
          {t('Download report')}
        </AlertActionLink>
      )}
      {report.phase !== 'Completed' && (
        <AlertActionLink
          isLoading={isRetrying}
          isDisabled={isRetrying}
          aria-label={t('Retry report {{title}}', { title })}
          onClick={() => void again()}
        >
          {t('Retry')}
        </AlertActionLink>
      )}
      <TimeLeft report={report} />
    </>
  );
}
