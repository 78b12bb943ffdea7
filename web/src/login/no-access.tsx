import {
  Bullseye,
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
} from '@patternfly/react-core';
import { LockIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import type { Session } from '../shell/session.ts';

type NoAccessProps = {
  readonly session: Session;
  readonly onRetry: () => void;
  readonly onSignOut: () => void;
};

/** Stands in place of all pages for who is signed in and is no cluster-admin. */
export function NoAccess({ session, onRetry, onSignOut }: NoAccessProps) {
  const { t } = useTranslation();
  const username = session.user?.username ?? '';
  return (
    <Bullseye component="main" className="muster-no-access">
      <EmptyState headingLevel="h1" icon={LockIcon} titleText={t('You need cluster-admin to use reports.')}>
        <EmptyStateBody className="muster-prose">{t('Signed in as {{username}}.', { username })}</EmptyStateBody>
        <EmptyStateFooter>
          <EmptyStateActions>
            <Button onClick={onRetry}>{t('Try again')}</Button>
            {session.auth === 'login' && (
              <Button variant="link" onClick={onSignOut}>
                {t('Use another token')}
              </Button>
            )}
          </EmptyStateActions>
        </EmptyStateFooter>
      </EmptyState>
    </Bullseye>
  );
}
