import { Component, type ReactNode, Suspense, useEffect } from 'react';
import { GenerateProvider } from '../../generate/generate-provider.tsx';
import { useGenerate } from '../../generate/use-generate.ts';
import { ReportActionsProvider, useReportActions } from '../../report-actions/use-report-actions.tsx';
import { useSay } from '../../shell/toasts.tsx';
import { setRoot } from '../anywhere.ts';
import { Ground } from '../contribution.tsx';
import { ConsoleToastsProvider } from '../toasts.tsx';

/** The extension point wants a value; what stands at the root needs none. */
export const useRootValue = (): null => null;

type RootProviderProps = { readonly value: null; readonly children?: ReactNode };

/** Puts the dialog, the questions and the toasts beside the console's own pages, not around them: they must not fall with us. */
export function RootProvider({ children }: RootProviderProps) {
  return (
    <>
      {children}
      <NothingOnError>
        <Suspense fallback={null}>
          <Ground>
            <ConsoleToastsProvider>
              <ReportActionsProvider>
                <GenerateProvider>
                  <Root />
                </GenerateProvider>
              </ReportActionsProvider>
            </ConsoleToastsProvider>
          </Ground>
        </Suspense>
      </NothingOnError>
    </>
  );
}

function Root() {
  const generate = useGenerate();
  const actions = useReportActions();
  const say = useSay();
  useEffect(() => {
    setRoot({ generate, actions, say });
    return () => setRoot(undefined);
  }, [generate, actions, say]);
  return null;
}

/** The console shows no error page for what stands beside its pages: without this, one would take the console down. */
class NothingOnError extends Component<{ readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? null : this.props.children;
  }
}
