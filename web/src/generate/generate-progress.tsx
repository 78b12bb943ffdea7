import { Alert, Button, ModalBody, ModalFooter, ModalHeader, Stack } from '@patternfly/react-core';
import { InProgressIcon } from '@patternfly/react-icons';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useReportActions } from '../report-actions/use-report-actions.tsx';
import { GatherRows } from '../reports/gather-rows.tsx';
import { hasArchive, isOngoing, type Report } from '../reports/report.ts';
import { useReport, useReportSource } from '../reports/report-source.ts';
import { usePaths } from '../shell/paths.ts';
import { LogSection } from './log-section.tsx';
import { OngoingLine, OutcomeLine } from './progress-lines.tsx';

type GenerateProgressProps = {
  /** The report as the service answered with it; from then on it is followed. */
  readonly asked: Report;
  readonly titleId: string;
  readonly onRetried: (report: Report) => void;
  /** A question stood above the dialog, and is gone. */
  readonly onQuestionAnswered: () => void;
  readonly onClose: () => void;
};

/** How a report goes, and what came of it. It goes on without the dialog. */
export function GenerateProgress({ asked, titleId, onRetried, onQuestionAnswered, onClose }: GenerateProgressProps) {
  const { t } = useTranslation();
  const { report: known, liveness } = useReport(asked.id);
  const wasKnown = useRef(false);
  if (known !== undefined) wasKnown.current = true;
  const closeButton = useRef<HTMLButtonElement>(null);
  const last = useRef(asked);
  if (known !== undefined) last.current = known;
  const isGone = known === undefined && wasKnown.current && liveness === 'live';
  const report = last.current;
  const title = useTitle(report, isGone);
  useFocusWhenLost(closeButton, title);
  return (
    <>
      <ModalHeader
        title={<span className="muster-title">{title}</span>}
        labelId={titleId}
        {...(isGone ? {} : { titleIconVariant: ICONS[report.phase] })}
        {...(!isGone && isOngoing(report) && { description: <OngoingLine report={report} /> })}
      />
      <ModalBody>
        <div aria-live="polite" className="pf-v6-screen-reader">
          {title}
        </div>
        <Stack hasGutter>
          {liveness === 'reconnecting' && (
            <Alert isInline variant="warning" title={t('Reconnecting…')}>
              {t('The service cannot be reached just now. The report goes on, and so does this dialog.')}
            </Alert>
          )}
          {isGone ? t('Somebody deleted it. Nothing of it is left.') : <Course report={report} />}
        </Stack>
      </ModalBody>
      <ModalFooter className="muster-buttons">
        {!isGone && <Download report={report} />}
        <Button ref={closeButton} variant={isGone || isOngoing(report) ? 'primary' : 'secondary'} onClick={onClose}>
          {t('Close')}
        </Button>
        <Rest
          report={report}
          isGone={isGone}
          onRetried={onRetried}
          onQuestionAnswered={onQuestionAnswered}
          onClose={onClose}
        />
      </ModalFooter>
    </>
  );
}

/** What can be seen of it now. */
function Course({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  return (
    <>
      <OutcomeLine report={report} />
      <GatherRows report={report} isCompact />
      <LogSection report={report} />
      {isOngoing(report) && (
        <p>{t('You can close this dialog. The report appears on the dashboard when it is ready.')}</p>
      )}
    </>
  );
}

const ICONS = {
  New: InProgressIcon,
  Gathering: InProgressIcon,
  Packing: InProgressIcon,
  Completed: 'success',
  Partial: 'warning',
  Failed: 'danger',
  Cancelled: 'info',
} as const;

function useTitle({ id, phase }: Report, isGone: boolean): string {
  const { t } = useTranslation();
  if (isGone) return t('Report #{{id}} is gone', { id });
  switch (phase) {
    case 'Completed':
      return t('Report #{{id}} is ready', { id });
    case 'Partial':
      return t('Report #{{id}} is ready, but incomplete', { id });
    case 'Failed':
      return t('Report #{{id}} failed', { id });
    case 'Cancelled':
      return t('Report #{{id}} was cancelled', { id });
    default:
      return t('Generating report #{{id}}', { id });
  }
}

/** With each new title, buttons come and go; whoever stood on one that went stands on this one. */
function useFocusWhenLost(button: RefObject<HTMLButtonElement | null>, title: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the title is when to look, not what to look at
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) button.current?.focus();
  }, [button, title]);
}

function Download({ report }: { readonly report: Report }) {
  const { t } = useTranslation();
  const source = useReportSource();
  if (!hasArchive(report)) return null;
  return (
    <Button component="a" href={source.archiveUrl(report.id)} download>
      {t('Download report')}
    </Button>
  );
}

type RestProps = Omit<GenerateProgressProps, 'asked' | 'titleId'> & {
  readonly report: Report;
  readonly isGone: boolean;
};

function Rest({ report, isGone, onRetried, onQuestionAnswered, onClose }: RestProps) {
  const { t } = useTranslation();
  const actions = useReportActions();
  const navigate = useNavigate();
  const { dashboard } = usePaths();
  const view = () => {
    onClose();
    void navigate(dashboard);
  };
  const retry = async () => {
    const again = await actions.retry(report);
    if (again !== undefined) onRetried(again);
    onQuestionAnswered();
  };
  const [isCancelling, setIsCancelling] = useState(false);
  const cancel = async () => {
    setIsCancelling(await actions.cancel(report));
    onQuestionAnswered();
  };
  const isOver = !isOngoing(report);
  return (
    <>
      {!isGone && isOver && report.phase !== 'Completed' && (
        <Button variant="secondary" onClick={() => void retry()}>
          {t('Retry')}
        </Button>
      )}
      <Button variant="link" onClick={view}>
        {t('View on dashboard')}
      </Button>
      {!isGone && !isOver && (
        <Button
          variant="link"
          isDanger
          className="muster-at-end"
          isAriaDisabled={isCancelling}
          onClick={() => void cancel()}
        >
          {isCancelling ? t('Cancelling…') : t('Cancel report')}
        </Button>
      )}
    </>
  );
}
