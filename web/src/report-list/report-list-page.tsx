import { PageSection, Title } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { useReports } from '../reports/report-source.ts';
import { Failure } from '../shell/failure.tsx';

/** Reports. */
export function ReportListPage() {
  const { t } = useTranslation();
  const { error } = useReports();
  return (
    <PageSection>
      <Title headingLevel="h1">{t('Reports')}</Title>
      {error !== undefined && <Failure error={error} />}
    </PageSection>
  );
}
