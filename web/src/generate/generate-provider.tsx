import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { loadPatiently } from '../shell/load-patiently.ts';
import { useSay } from '../shell/toasts.tsx';
import type { GenerateDialog } from './generate-dialog.tsx';
import { useKeptDialog } from './kept-dialog.ts';
import { GenerateContextProvider, type OpenGenerate } from './use-generate.ts';

/** `?generate` at any page opens the dialog: for links from elsewhere, such as the console's help menu. */
const PARAMETER = 'generate';
/** When the page is there the dialog is loaded too, so that it opens at once, also while the service is away. */
const LOAD_AFTER_MS = 2000;

/** Holds the dialog above the pages, so that going to another page leaves it open. */
export function GenerateProvider({ children }: { readonly children: ReactNode }) {
  const kept = useKeptDialog();
  const [preset, setPreset] = useState(kept.current.preset);
  const close = useCallback(() => {
    kept.current = {};
    setPreset(undefined);
  }, [kept]);
  const open: OpenGenerate = useCallback(
    (wish = {}) => {
      kept.current = { preset: wish };
      setPreset(wish);
    },
    [kept],
  );
  const Dialog = useDialog(preset !== undefined, close);
  useAskedByAddress(open);
  return (
    <GenerateContextProvider value={open}>
      {children}
      {preset !== undefined && Dialog !== undefined && <Dialog preset={preset} kept={kept} onClose={close} />}
    </GenerateContextProvider>
  );
}

/** The dialog once it is loaded; where that fails when it is wanted, says so and calls `giveUp`. */
function useDialog(isWanted: boolean, giveUp: () => void): typeof GenerateDialog | undefined {
  const { t } = useTranslation();
  const say = useSay();
  const [dialog, setDialog] = useState<{ readonly Dialog: typeof GenerateDialog }>();
  const isMissing = dialog === undefined;
  useEffect(() => {
    if (!isMissing) return;
    let isCurrent = true;
    const load = async () => {
      try {
        const module = await loadPatiently(() => import('./generate-dialog.tsx'));
        if (isCurrent) setDialog({ Dialog: module.GenerateDialog });
      } catch (error) {
        // Nobody waits for what is loaded ahead; it is tried again when somebody does.
        if (!isCurrent || !isWanted) return;
        say({ variant: 'danger', title: t('The dialog could not be loaded'), text: String(error) });
        giveUp();
      }
    };
    const timer = setTimeout(() => void load(), isWanted ? 0 : LOAD_AFTER_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [isMissing, isWanted, giveUp, say, t]);
  return dialog?.Dialog;
}

function useAskedByAddress(open: OpenGenerate): void {
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
}
