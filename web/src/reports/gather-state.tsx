import { Icon, type IconComponentProps } from '@patternfly/react-core';
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
import type { GatherPhase } from '../../../src/report/status.ts';

type Look = Pick<IconComponentProps, 'status'> & { readonly icon: ReactElement };

const LOOKS: Readonly<Record<GatherPhase, Look>> = {
  Waiting: { icon: <PendingIcon /> },
  Starting: { status: 'info', icon: <InProgressIcon /> },
  Running: { status: 'info', icon: <InProgressIcon /> },
  Packing: { status: 'info', icon: <InProgressIcon /> },
  Done: { status: 'success', icon: <CheckCircleIcon /> },
  Partial: { status: 'warning', icon: <ExclamationTriangleIcon /> },
  Failed: { status: 'danger', icon: <ExclamationCircleIcon /> },
  Cancelled: { icon: <BanIcon /> },
};

/** How far a gather is, as an icon; the words stand beside it. */
export function GatherIcon({ phase }: { readonly phase: GatherPhase }) {
  const { icon, ...look } = LOOKS[phase];
  return (
    <Icon isInline {...look} aria-hidden>
      {icon}
    </Icon>
  );
}

/** Each phase of a gather as a person reads it. */
export function useGatherWords(): Readonly<Record<GatherPhase, string>> {
  const { t } = useTranslation();
  return {
    Waiting: t('waiting for a slot'),
    Starting: t('starting…'),
    Running: t('gathering…'),
    Packing: t('packing…'),
    Done: t('done'),
    Partial: t('incomplete'),
    Failed: t('failed'),
    Cancelled: t('cancelled'),
  };
}
