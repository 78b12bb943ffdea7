import { Progress } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { formatElapsed, formatSize } from '../../../src/report/format.ts';
import { hasArchive, isOngoing, type Report } from '../reports/report.ts';
import { Size } from '../reports/size.tsx';
import { Moment } from '../time/moment.tsx';
import { useServerNow } from '../time/use-now.ts';

/** How far a report is: percent where that is known, else what was brought out so far; and for how long. */
export function OngoingLine({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const elapsed = formatElapsed(useServerNow() - Date.parse(report['started-at'] ?? report['created-at']));
  const { percent, files = 0, bytes = 0 } = report.progress ?? {};
  if (percent !== undefined) {
    return (
      <>
        {t('{{percent}} % · {{elapsed}}', { percent, elapsed })}
        <Progress value={percent} measureLocation="none" size="sm" aria-label={t('How far the report is')} />
      </>
    );
  }
  const brought = t('fileCount', {
    count: files,
    size: formatSize(bytes),
    defaultValue_one: '{{count}} file, {{size}}',
    defaultValue_other: '{{count}} files, {{size}}',
  });
  return <>{files === 0 ? elapsed : t('{{brought}} · {{elapsed}}', { brought, elapsed })}</>;
}

/** What came of a report: its size and how long it is kept, and what is missing. Nothing while it is ongoing. */
export function OutcomeLine({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  if (isOngoing(report)) return null;
  const expiresAt = report['expires-at'];
  return (
    <div className="muster-prose">
      {report.message !== '' && (
        <div>
          <bdi>{report.message}</bdi>
        </div>
      )}
      {hasArchive(report) && (
        <div>
          <bdi>{report['archive-name']}</bdi> {t('·')} <Size sizeBytes={report['archive-size']} />
          {expiresAt !== null && (
            <>
              {' '}
              {t('· deleted')} <Moment at={expiresAt} />
            </>
          )}
        </div>
      )}
    </div>
  );
}
