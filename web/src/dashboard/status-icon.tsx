import { Icon } from '@patternfly/react-core';
import {
  CheckCircleIcon,
  ExclamationCircleIcon,
  ExclamationTriangleIcon,
  InfoCircleIcon,
} from '@patternfly/react-icons';
import type { ReactElement } from 'react';

export type IconStatus = 'success' | 'info' | 'warning' | 'danger';

const ICONS: Readonly<Record<IconStatus, ReactElement>> = {
  success: <CheckCircleIcon />,
  info: <InfoCircleIcon />,
  warning: <ExclamationTriangleIcon />,
  danger: <ExclamationCircleIcon />,
};

type StatusIconProps = {
  readonly status: IconStatus | undefined;
  /** Stands where there is no status. */
  readonly otherwise: ReactElement;
};

/** How something is, by shape and colour; the words stand beside it. */
export function StatusIcon({ status, otherwise }: StatusIconProps) {
  return status === undefined ? <Icon>{otherwise}</Icon> : <Icon status={status}>{ICONS[status]}</Icon>;
}
