import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';
import { ArchiveIcon, SearchIcon } from '@patternfly/react-icons';
import { useTranslation } from 'react-i18next';

/** Stands where the first report will be. */
export function NoReports({ onGenerate }: { readonly onGenerate: () => void }) {
  const { t } = useTranslation();
  return (
    <EmptyState headingLevel="h2" icon={ArchiveIcon} titleText={t('No reports yet')}>
      <EmptyStateBody>
        {t(
          'A diagnostic report is one archive of logs, events and definitions of the cluster and its operators, for your own search or for support. It is kept for 24 hours.',
        )}
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button onClick={onGenerate}>{t('Generate diagnostic report')}</Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

/** Stands where nothing is left of the list. */
export function NoMatches({ onClear }: { readonly onClear: () => void }) {
  const { t } = useTranslation();
  return (
    <EmptyState headingLevel="h2" icon={SearchIcon} titleText={t('No report matches')}>
      <EmptyStateBody>{t('There are reports, but none with these words and this status.')}</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button variant="link" onClick={onClear}>
            {t('Clear all filters')}
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
