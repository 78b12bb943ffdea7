import { Spinner } from '@patternfly/react-core';
import { type ComponentType, lazy, Suspense, useMemo } from 'react';

type LazyPartProps = {
  /** A plugin's reference to a component. */
  readonly component: () => Promise<ComponentType>;
};

/** A component of a plugin, loaded when it is shown. */
export function LazyPart({ component }: LazyPartProps) {
  const Part = useMemo(() => lazy(async () => ({ default: await component() })), [component]);
  return (
    <Suspense fallback={<Spinner size="md" aria-label="Loading" />}>
      <Part />
    </Suspense>
  );
}
