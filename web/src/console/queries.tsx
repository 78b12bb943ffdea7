import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { OverviewProvider } from '../overview/overview.ts';
import { RequestFailed } from '../reports/request-failed.ts';
import { readOverview } from './console-source.ts';

/** One for everything that the plugin adds to the console. */
const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (failures, error) => failures < 3 && error instanceof RequestFailed && error.isPassing },
  },
});

/** For what asks the service for more than reports. */
export function Queries({ children }: { readonly children: ReactNode }) {
  return (
    <QueryClientProvider client={queries}>
      <OverviewProvider value={readOverview}>{children}</OverviewProvider>
    </QueryClientProvider>
  );
}
