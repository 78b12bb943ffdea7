import { Alert, type AlertProps, Progress } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { formatSize } from '../../../src/report/format.ts';
import { hasArchive, isOngoing, type Report } from '../reports/report.ts';
import { ReportDuration } from '../reports/report-duration.tsx';

/** How far a report is while it runs, and its result then. */
export function ReportProgress({ report }: { readonly report: Report }) {
  return isOngoing(report) ? <Ongoing report={report} /> : <Result report={report} />;
}

function Ongoing({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const { percent, step = '', files = 0, bytes = 0 } = report.progress ?? {};
  const brought = t('{{files}} files, {{size}}', { files: files.toLocaleString(), size: formatSize(bytes) });
  return (
    <>
      {percent === undefined ? (
        <p>{step === '' ? t('Waiting to begin') : step}</p>
      ) : (
        <Progress value={percent} title={step} aria-label={t('Progress of the report')} />
      )}
      <p className="muster-subtle">
        {brought} {t('·')} <ReportDuration report={report} />
      </p>
    </>
  );
}

function Result({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const { phase, message } = report;
  const say = (variant: NonNullable<AlertProps['variant']>, title: string) => (
    <Alert isInline variant={variant} title={title} className="muster-prose">
      {message}
    </Alert>
  );
  if (phase === 'Failed') return say('danger', t('Diagnostic report failed'));
  if (phase === 'Partial') return say('warning', t('Diagnostic report is ready, but incomplete'));
  if (phase === 'Completed') return say('success', t('Diagnostic report is ready'));
  return say(
    'info',
    hasArchive(report) ? t('Cancelled; what was gathered until then can be downloaded') : t('Cancelled'),
  );
}
