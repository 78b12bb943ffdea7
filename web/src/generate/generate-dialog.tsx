import { Button, Modal, ModalBody, ModalFooter, ModalHeader, ModalVariant } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { useReportSource } from '../reports/report-source.ts';
import type { GeneratePreset } from './use-generate.ts';

type GenerateDialogProps = { readonly preset: GeneratePreset; readonly onClose: () => void };

/** Asks for a report. */
export function GenerateDialog({ preset, onClose }: GenerateDialogProps) {
  const { t } = useTranslation();
  const source = useReportSource();
  const generate = async () => {
    await source.ask({ since: '8h', ...preset });
    onClose();
  };
  return (
    <Modal isOpen variant={ModalVariant.medium} onClose={onClose} aria-labelledby="generate-title">
      <ModalHeader title={t('Generate diagnostic report')} labelId="generate-title" />
      <ModalBody>{t('Last 8 hours')}</ModalBody>
      <ModalFooter>
        <Button onClick={() => void generate()}>{t('Generate')}</Button>
        <Button variant="link" onClick={onClose}>
          {t('Cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
