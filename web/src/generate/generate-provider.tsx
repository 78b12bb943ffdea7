import { type ReactNode, useCallback, useState } from 'react';
import { GenerateDialog } from './generate-dialog.tsx';
import { GenerateContextProvider, type GeneratePreset, type OpenGenerate } from './use-generate.ts';

/** Holds the dialog above the pages, so that going to another page leaves it open. */
export function GenerateProvider({ children }: { readonly children: ReactNode }) {
  const [preset, setPreset] = useState<GeneratePreset>();
  const open: OpenGenerate = useCallback((wish = {}) => setPreset(wish), []);
  return (
    <GenerateContextProvider value={open}>
      {children}
      {preset !== undefined && <GenerateDialog preset={preset} onClose={() => setPreset(undefined)} />}
    </GenerateContextProvider>
  );
}
