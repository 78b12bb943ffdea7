import { Modal, ModalVariant } from '@patternfly/react-core';
import { useCallback, useState } from 'react';
import type { Report } from '../reports/report.ts';
import { GenerateForm } from './generate-form.tsx';
import { GenerateProgress } from './generate-progress.tsx';
import type { DialogKeeper } from './kept-dialog.ts';
import type { GeneratePreset } from './use-generate.ts';

type GenerateDialogProps = {
  readonly preset: GeneratePreset;
  /** Outlives the dialog: what is entered is kept there. */
  readonly kept: DialogKeeper;
  readonly onClose: () => void;
};

const DIALOG_ID = 'generate';
const TITLE_ID = 'generate-title';

/**
 * Asks for a report, then shows how it goes. The modal itself is rendered as seldom as can be: whenever it is, it hides
 * from screen readers what stands beside it, also a question that was asked above it.
 */
export function GenerateDialog({ preset, kept, onClose }: GenerateDialogProps) {
  const [asked, setAsked] = useState<Report>();
  const follow = (report: Report) => {
    kept.current = {};
    setAsked(report);
  };
  const [, setRound] = useState(0);
  const hideRestAgain = useCallback(() => {
    requestAnimationFrame(() => setRound((round) => round + 1));
  }, []);
  return (
    <Modal
      id={DIALOG_ID}
      isOpen
      variant={ModalVariant.medium}
      onClose={onClose}
      onEscapePress={(event) => {
        // Every modal hears every key; that of a question above is not for this one.
        const inDialog = event.target instanceof Element ? event.target.closest('[role="dialog"]') : null;
        if (inDialog === null || inDialog.id === DIALOG_ID) onClose();
      }}
      aria-labelledby={TITLE_ID}
    >
      {asked === undefined ? (
        <GenerateForm preset={preset} kept={kept} titleId={TITLE_ID} onAsked={follow} onClose={onClose} />
      ) : (
        <GenerateProgress
          key={asked.id}
          asked={asked}
          titleId={TITLE_ID}
          onRetried={setAsked}
          onQuestionAnswered={hideRestAgain}
          onClose={onClose}
        />
      )}
    </Modal>
  );
}
