import { EmptyState, EmptyStateBody, PageSection } from '@patternfly/react-core';
import { SearchIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { usePaths } from './paths.ts';

/** Stands at an address where there is nothing. */
export function NotFound() {
  const { t } = useTranslation();
  const { dashboard } = usePaths();
  return (
    <PageSection>
      <EmptyState headingLevel="h1" icon={SearchIcon} titleText={t('There is no such page')}>
        <EmptyStateBody>
          <Link to={dashboard}>{t('Go to the overview')}</Link>
        </EmptyStateBody>
      </EmptyState>
    </PageSection>
  );
}
