import { Spinner } from '@patternfly/react-core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { loadPatiently } from '../../shell/load-patiently.ts';
import { NAMESPACE } from '../../words/namespace.ts';

const ReportsPopover = lazy(async () => ({
  default: (await loadPatiently(() => import('../reports-popover.tsx'))).ReportsPopover,
}));

/** What opens when a person clicks `Diagnostics`: loaded then, for the item itself is on every visit of the dashboard. */
export function HealthPopover() {
  // Nothing around it may have to wait for words.
  const { t } = useTranslation(NAMESPACE, { useSuspense: false });
  return (
    <Suspense fallback={<Spinner size="md" aria-label={t('Loading')} />}>
      <ReportsPopover />
    </Suspense>
  );
}
