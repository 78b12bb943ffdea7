import { useEffect } from 'react';
import { GenerateProvider } from '../generate/generate-provider.tsx';
import { useGenerate } from '../generate/use-generate.ts';
import { ReportActionsProvider, useReportActions } from '../report-actions/use-report-actions.tsx';
import { useSay } from '../shell/toasts.tsx';
import { setRoot } from './anywhere.ts';
import { Ground } from './ground.tsx';
import { Queries } from './queries.tsx';
import { ConsoleToastsProvider } from './toasts.tsx';

/** The dialog, the questions and the toasts. */
export function RootPlace() {
  return (
    <Ground>
      <Queries>
        <ConsoleToastsProvider>
          <ReportActionsProvider>
            <GenerateProvider>
              <Standing />
            </GenerateProvider>
          </ReportActionsProvider>
        </ConsoleToastsProvider>
      </Queries>
    </Ground>
  );
}

/** Lets everything else of the plugin call them. */
function Standing() {
  const generate = useGenerate();
  const actions = useReportActions();
  const say = useSay();
  useEffect(() => {
    setRoot({ generate, actions, say });
    return () => setRoot(undefined);
  }, [generate, actions, say]);
  return null;
}
