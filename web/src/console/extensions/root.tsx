import { Component, lazy, type ReactNode, Suspense, useEffect, useMemo, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { loadPatiently } from '../../shell/load-patiently.ts';
import { NAMESPACE } from '../../words/namespace.ts';
import { callRoot, refuseCalls, rootCalls } from '../anywhere.ts';
import '../../pages.css';

/** The extension point wants a value; what stands at the root needs none. */
export const useRootValue = (): null => null;

type RootProviderProps = { readonly value: null; readonly children?: ReactNode };

/** Puts the dialog, the questions and the toasts beside the console's own pages, not around them: they must not fall with us. */
export function RootProvider({ children }: RootProviderProps) {
  return (
    <>
      {children}
      <RootWhenCalled />
    </>
  );
}

/** This module is loaded with every page of the console; all else when somebody first needs it. */
function RootWhenCalled() {
  const calls = useSyncExternalStore(rootCalls.subscribe, rootCalls.count);
  const [parameters] = useSearchParams();
  // GenerateProvider opens the dialog for it, and takes it out of the address.
  const isAskedByAddress = parameters.has('generate');
  useEffect(() => {
    if (isAskedByAddress) callRoot();
  }, [isAskedByAddress]);
  return calls > 0 ? <LoadedRoot key={calls} /> : null;
}

function LoadedRoot() {
  const RootPlace = useMemo(() => lazy(loadRoot), []);
  return (
    <TellOnError>
      <Suspense fallback={null}>
        <RootPlace />
      </Suspense>
    </TellOnError>
  );
}

const loadRoot = async () => ({ default: (await loadPatiently(() => import('../root-place.tsx'))).RootPlace });

/** The console has no error page for what stands beside its pages: without this, an error would take the console down. */
class TellOnError extends Component<{ readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch(error: unknown) {
    refuseCalls(error);
  }

  override render() {
    return this.state.hasFailed ? <NotLoaded /> : this.props.children;
  }
}

/** In PatternFly's looks without its code, which may be what could not be loaded. Gone with the next try. */
function NotLoaded() {
  const { t } = useTranslation(NAMESPACE);
  return (
    <div className="pf-v6-c-alert-group pf-m-toast">
      <div className="pf-v6-c-alert pf-m-danger" role="alert">
        <p className="pf-v6-c-alert__title">{t('The dialog could not be loaded')}</p>
      </div>
    </div>
  );
}
