import type { ReactNode } from 'react';
import { I18nextProvider, useTranslation } from 'react-i18next';
import { ReportSourceProvider } from '../reports/report-source.ts';
import { PathsProvider } from '../shell/paths.ts';
import { NAMESPACE } from '../words/namespace.ts';
import { consoleSource } from './console-source.ts';
import { CONSOLE_PATHS } from './place.ts';

type GroundProps = { readonly children: ReactNode };

/** What components that only show reports need to be at home in the console: the words, where reports come from, paths. */
export function Ground({ children }: GroundProps) {
  const { i18n } = useTranslation();
  return (
    <I18nextProvider i18n={i18n} defaultNS={NAMESPACE}>
      <ReportSourceProvider value={consoleSource}>
        <PathsProvider value={CONSOLE_PATHS}>{children}</PathsProvider>
      </ReportSourceProvider>
    </I18nextProvider>
  );
}
