import { Alert, AlertActionLink } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import type { Report } from '../reports/report.ts';
import { useReports } from '../reports/report-source.ts';
import { RequestFailed } from '../reports/request-failed.ts';
import { lostReport } from './cost.ts';
import type { DraftForm } from './use-draft.ts';

type AskFailureProps = { readonly form: DraftForm; readonly onShow: (report: Report) => void };

/**
 * That a request came to nothing, and what to do. Where the answer was lost the report may be there all the same: the
 * live list tells.
 */
export function AskFailure({ form, onShow }: AskFailureProps) {
  const { t } = useTranslation();
  const { reports } = useReports();
  const { failed } = form;
  if (failed === undefined) return null;
  const { error } = failed;
  const isPassing = error instanceof RequestFailed && error.isPassing;
  const isForbidden = error instanceof RequestFailed && error.status === 403;
  const lost = isPassing ? lostReport(failed.request, failed.afterId, reports) : undefined;
  const title = isPassing
    ? t('The service cannot be reached')
    : isForbidden
      ? t('You need cluster-admin to use reports')
      : t('The report could not be asked for');
  return (
    <Alert
      isInline
      isLiveRegion
      variant="danger"
      title={title}
      className="muster-prose"
      actionLinks={
        <>
          <AlertActionLink onClick={() => void form.ask()}>{t('Try again')}</AlertActionLink>
          {lost !== undefined && (
            <AlertActionLink onClick={() => onShow(lost)}>{t('Show report #{{id}}', { id: lost.id })}</AlertActionLink>
          )}
        </>
      }
    >
      <p>{error.message}</p>
      {isPassing && <p>{t('What you entered is kept.')}</p>}
      {lost !== undefined && (
        <p>{t('Report #{{id}}, which asks for the same, was accepted meanwhile.', { id: lost.id })}</p>
      )}
    </Alert>
  );
}
