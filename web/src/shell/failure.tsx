import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';
import { DisconnectedIcon, ExclamationCircleIcon, LockIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import { RequestFailed } from '../reports/request-failed.ts';

type FailureProps = { readonly error: Error; readonly onRetry?: () => void };

/** Stands where something could not be had: says what happened and what to do. */
export function Failure({ error, onRetry }: FailureProps) {
  const { t } = useTranslation();
  const { icon, title } = useFailureWords(error);
  return (
    <EmptyState headingLevel="h2" icon={icon} titleText={title} status="danger">
      <EmptyStateBody>{error.message}</EmptyStateBody>
      {onRetry !== undefined && (
        <EmptyStateFooter>
          <EmptyStateActions>
            <Button variant="primary" onClick={onRetry}>
              {t('Try again')}
            </Button>
          </EmptyStateActions>
        </EmptyStateFooter>
      )}
    </EmptyState>
  );
}

function useFailureWords(error: Error) {
  const { t } = useTranslation();
  const status = error instanceof RequestFailed ? error.status : undefined;
  if (status === 403) return { icon: LockIcon, title: t('You need cluster-admin to use reports') };
  if (error instanceof RequestFailed && error.isPassing) {
    return { icon: DisconnectedIcon, title: t('The service cannot be reached') };
  }
  if (status === 404) return { icon: ExclamationCircleIcon, title: t('There is nothing here') };
  return { icon: ExclamationCircleIcon, title: t('Something went wrong') };
}
