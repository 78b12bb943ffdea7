import { Alert, Page, SkipToContent } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useReports } from '../reports/report-source.ts';
import { Top } from './masthead.tsx';
import type { Session } from './session.ts';
import { SideNavigation } from './side-navigation.tsx';

const MAIN_ID = 'main-content';

type ShellProps = {
  readonly session: Session;
  readonly onSignOut: () => void;
  readonly children: ReactNode;
};

/** What stands around every page. */
export function Shell({ session, onSignOut, children }: ShellProps) {
  const { t } = useTranslation();
  const { liveness } = useReports();
  return (
    <Page
      isManagedSidebar
      masthead={<Top session={session} onSignOut={onSignOut} />}
      sidebar={<SideNavigation />}
      skipToContent={<SkipToContent href={`#${MAIN_ID}`}>{t('Skip to content')}</SkipToContent>}
      mainContainerId={MAIN_ID}
    >
      <div aria-live="polite">
        {liveness === 'reconnecting' && (
          <Alert isInline variant="warning" title={t('Reconnecting…')}>
            {t('The service cannot be reached just now. What is shown may be old; the page goes on by itself.')}
          </Alert>
        )}
      </div>
      {children}
    </Page>
  );
}
