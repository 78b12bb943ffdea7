import { PageSection, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';

/** Overview. */
export function DashboardPage() {
  const { t } = useTranslation();
  return (
    <PageSection>
      <Title headingLevel="h1">{t('Overview')}</Title>
    </PageSection>
  );
}
