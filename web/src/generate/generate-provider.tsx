import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import { GenerateDialog } from './generate-dialog.tsx';
import { GenerateContextProvider, type GeneratePreset, type OpenGenerate } from './use-generate.ts';

/** `?generate` at any page opens the dialog: for links from elsewhere, such as the console's help menu. */
const PARAMETER = 'generate';

/** Holds the dialog above the pages, so that going to another page leaves it open. */
export function GenerateProvider({ children }: { readonly children: ReactNode }) {
  const [preset, setPreset] = useState<GeneratePreset>();
  const open: OpenGenerate = useCallback((wish = {}) => setPreset(wish), []);
  const [parameters, setParameters] = useSearchParams();
  const isAsked = parameters.has(PARAMETER);
  useEffect(() => {
    if (!isAsked) return;
    open();
    const withoutIt = (before: URLSearchParams) => {
      const after = new URLSearchParams(before);
      after.delete(PARAMETER);
      return after;
    };
    // So that a reload does not ask again.
    setParameters(withoutIt, { replace: true });
  }, [isAsked, open, setParameters]);
  return (
    <GenerateContextProvider value={open}>
      {children}
      {preset !== undefined && <GenerateDialog preset={preset} onClose={() => setPreset(undefined)} />}
    </GenerateContextProvider>
  );
}
