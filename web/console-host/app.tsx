import type { ContextProvider } from '@openshift-console/dynamic-plugin-sdk';
import { Spinner } from '@patternfly/react-core';
import { type ComponentType, type ReactNode, Suspense } from 'react';
import { useResolved } from './extensions.ts';
import { Frame } from './frame.tsx';
import { HostRoutes } from './host-routes.tsx';

/** What stands around all pages, as the console has it: context providers of plugins, with the router around them. */
export function App() {
  const [providers, isResolved] = useResolved<ContextProvider>('console.context-provider');
  if (!isResolved) return <Spinner aria-label="Loading" />;
  const pages = (
    <Frame>
      <HostRoutes />
    </Frame>
  );
  return (
    <Suspense fallback={<Spinner aria-label="Loading" />}>
      {providers.reduce<ReactNode>(
        (inner, { uid, properties }) => (
          <WithProvider key={uid} {...properties}>
            {inner}
          </WithProvider>
        ),
        pages,
      )}
    </Suspense>
  );
}

type WithProviderProps = {
  readonly provider: ComponentType<{ readonly value: unknown; readonly children: ReactNode }>;
  readonly useValueHook: () => unknown;
  readonly children: ReactNode;
};

function WithProvider({ provider: Provider, useValueHook, children }: WithProviderProps) {
  const value = useValueHook();
  return <Provider value={value}>{children}</Provider>;
}
