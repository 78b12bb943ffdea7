import { Spinner } from '@patternfly/react-core';
import { lazy, Suspense } from 'react';
import { loadPatiently } from '../../shell/load-patiently.ts';

const ReportsPopover = lazy(async () => ({
  default: (await loadPatiently(() => import('../reports-popover.tsx'))).ReportsPopover,
}));

/** What opens when a person clicks `Diagnostics`: loaded then, for the item itself is on every visit of the dashboard. */
export function HealthPopover() {
  return (
    <Suspense fallback={<Spinner size="md" />}>
      <ReportsPopover />
    </Suspense>
  );
}
