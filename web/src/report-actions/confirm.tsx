import { Button, Modal, ModalBody, ModalFooter, ModalHeader, ModalVariant } from '@patternfly/react-core';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** What a person is asked before something goes. */
export type Question = {
  readonly title: string;
  readonly text: string;
  /** On the button that does it. */
  readonly yes: string;
  /** On the button that does not. */
  readonly no?: string;
};

type ConfirmProps = {
  readonly question: Question;
  readonly onYes: () => Promise<void>;
  readonly onClose: () => void;
};

/** Asks once, and stays until what was asked for is done. */
export function Confirm({ question, onYes, onClose }: ConfirmProps) {
  const { t } = useTranslation();
  const [isDoing, setIsDoing] = useState(false);
  const id = useId();
  const run = async () => {
    setIsDoing(true);
    await onYes();
    onClose();
  };
  return (
    <Modal isOpen variant={ModalVariant.small} onClose={onClose} aria-labelledby={id} aria-describedby={`${id}-text`}>
      <ModalHeader title={question.title} titleIconVariant="warning" labelId={id} />
      <ModalBody id={`${id}-text`} className="muster-prose">
        {question.text}
      </ModalBody>
      <ModalFooter>
        <Button variant="danger" isLoading={isDoing} isDisabled={isDoing} onClick={() => void run()}>
          {question.yes}
        </Button>
        <Button variant="link" isDisabled={isDoing} onClick={onClose}>
          {question.no ?? t('Cancel')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
