import { Alert, AlertActionCloseButton, AlertGroup, type AlertVariant } from '@patternfly/react-core';
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

/** What is said in passing. */
export type Toast = {
  readonly variant: `${AlertVariant}`;
  readonly title: string;
  readonly text?: string;
};

export type Say = (toast: Toast) => void;

const SayContext = createContext<Say | undefined>(undefined);

export const SayProvider = SayContext.Provider;

/** Good news goes by itself; trouble stays until it is closed. */
const STAYS_MS = 8000;
const MOST_TOASTS = 5;

/** Shows toasts above the pages below it, and has each announced once. */
export function ToastsProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { readonly key: number })[]>([]);
  const say: Say = useCallback(
    (toast) => setToasts((before) => [{ ...toast, key: (before[0]?.key ?? 0) + 1 }, ...before].slice(0, MOST_TOASTS)),
    [],
  );
  const close = (key: number) => setToasts((before) => before.filter((toast) => toast.key !== key));
  return (
    <SayContext.Provider value={say}>
      {children}
      <AlertGroup isToast isLiveRegion>
        {toasts.map(({ key, variant, title, text }) => (
          <Alert
            key={key}
            variant={variant}
            title={title}
            timeout={variant === 'danger' || variant === 'warning' ? false : STAYS_MS}
            onTimeout={() => close(key)}
            actionClose={<AlertActionCloseButton onClose={() => close(key)} />}
          >
            {text}
          </Alert>
        ))}
      </AlertGroup>
    </SayContext.Provider>
  );
}

/** Says something in passing, from anywhere. */
export function useSay(): Say {
  const say = useContext(SayContext);
  if (say === undefined) throw new Error('no toasts around this component');
  return say;
}
