import type { ReactNode } from 'react';
import { GenerateContextProvider } from '../generate/use-generate.ts';
import { ActionsContextProvider } from '../report-actions/use-report-actions.tsx';
import { SayProvider } from '../shell/toasts.tsx';
import { actionsAnywhere, generateAnywhere, sayAnywhere } from './anywhere.ts';
import { Ground } from './ground.tsx';
import { Queries } from './queries.tsx';

type ContributionProps = { readonly children: ReactNode };

/** Around whatever the plugin adds where people do something: the ground, and what stands at the root. */
export function Contribution({ children }: ContributionProps) {
  return (
    <Ground>
      <Queries>
        <SayProvider value={sayAnywhere}>
          <ActionsContextProvider value={actionsAnywhere}>
            <GenerateContextProvider value={generateAnywhere}>{children}</GenerateContextProvider>
          </ActionsContextProvider>
        </SayProvider>
      </Queries>
    </Ground>
  );
}
