import { Label, type LabelProps } from '@patternfly/react-core';
import {
  BanIcon,
  CheckCircleIcon,
  ExclamationCircleIcon,
  ExclamationTriangleIcon,
  InProgressIcon,
  PendingIcon,
} from '@patternfly/react-icons';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Phase } from '../../../src/report/status.ts';
import type { Report } from './report.ts';

type Look = Pick<LabelProps, 'status' | 'color'> & { readonly icon: ReactElement };

const LOOKS: Readonly<Record<Phase, Look>> = {
  New: { color: 'grey', icon: <PendingIcon /> },
  Gathering: { color: 'blue', icon: <InProgressIcon /> },
  Packing: { color: 'blue', icon: <InProgressIcon /> },
  Completed: { status: 'success', icon: <CheckCircleIcon /> },
  Partial: { status: 'warning', icon: <ExclamationTriangleIcon /> },
  Failed: { status: 'danger', icon: <ExclamationCircleIcon /> },
  Cancelled: { color: 'grey', icon: <BanIcon /> },
};

/** How far a report is, with an icon: never by colour alone. */
export function StatusLabel({ report }: { readonly report: Report }) {
  return <Label {...LOOKS[report.phase]}>{usePhaseWords()[report.phase]}</Label>;
}

/** Each phase as a person reads it. */
export function usePhaseWords(): Readonly<Record<Phase, string>> {
  const { t } = useTranslation();
  return {
    New: t('Waiting'),
    Gathering: t('Gathering'),
    Packing: t('Packing'),
    Completed: t('Ready'),
    Partial: t('Ready, incomplete'),
    Failed: t('Failed'),
    Cancelled: t('Cancelled'),
  };
}
