import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { I18nextProvider, useTranslation } from 'react-i18next';
import { GenerateContextProvider } from '../generate/use-generate.ts';
import { OverviewProvider } from '../overview/overview.ts';
import { ActionsContextProvider } from '../report-actions/use-report-actions.tsx';
import { ReportSourceProvider } from '../reports/report-source.ts';
import { RequestFailed } from '../reports/request-failed.ts';
import { PathsProvider } from '../shell/paths.ts';
import { SayProvider } from '../shell/toasts.tsx';
import { NAMESPACE } from '../words/namespace.ts';
import { actionsAnywhere, generateAnywhere, sayAnywhere } from './anywhere.ts';
import { consoleSource, readOverview } from './console-source.ts';
import { CONSOLE_PATHS } from './place.ts';
import '../pages.css';

/** One for everything that the plugin adds to the console. */
const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (failures, error) => failures < 3 && error instanceof RequestFailed && error.isPassing },
  },
});

type Props = { readonly children: ReactNode };

/** What components of the pages need around them to be at home in the console: where reports come from, and the words. */
export function Ground({ children }: Props) {
  const { i18n } = useTranslation();
  return (
    <I18nextProvider i18n={i18n} defaultNS={NAMESPACE}>
      <QueryClientProvider client={queries}>
        <ReportSourceProvider value={consoleSource}>
          <PathsProvider value={CONSOLE_PATHS}>
            <OverviewProvider value={readOverview}>{children}</OverviewProvider>
          </PathsProvider>
        </ReportSourceProvider>
      </QueryClientProvider>
    </I18nextProvider>
  );
}

/** Around everything that the plugin adds anywhere: the ground, and what stands at the root. */
export function Contribution({ children }: Props) {
  return (
    <Ground>
      <SayProvider value={sayAnywhere}>
        <ActionsContextProvider value={actionsAnywhere}>
          <GenerateContextProvider value={generateAnywhere}>{children}</GenerateContextProvider>
        </ActionsContextProvider>
      </SayProvider>
    </Ground>
  );
}
