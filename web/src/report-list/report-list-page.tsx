import { PageSection, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';

/** Reports. */
export function ReportListPage() {
  const { t } = useTranslation();
  return (
    <PageSection>
      <Title headingLevel="h1">{t('Reports')}</Title>
    </PageSection>
  );
}
