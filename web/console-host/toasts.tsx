import { Alert, AlertActionCloseButton, AlertGroup, type AlertVariant } from '@patternfly/react-core';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';

type ToastOptions = {
  readonly title: string;
  readonly variant: `${AlertVariant}`;
  readonly content?: ReactNode;
  readonly dismissible?: boolean;
};

type Toasts = { addToast(toast: ToastOptions): void };

const ToastContext = createContext<Toasts | undefined>(undefined);

/** The place for toasts that console 4.23 has. */
export function ToastPlace({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (ToastOptions & { readonly key: number })[]>([]);
  const addToast = useCallback(
    (toast: ToastOptions) => setToasts((before) => [...before, { ...toast, key: (before.at(-1)?.key ?? 0) + 1 }]),
    [],
  );
  const close = (key: number) => setToasts((before) => before.filter((toast) => toast.key !== key));
  return (
    <ToastContext.Provider value={useMemo(() => ({ addToast }), [addToast])}>
      {children}
      <AlertGroup isToast isLiveRegion data-console-toasts="">
        {toasts.map(({ key, variant, title, content, dismissible }) => (
          <Alert
            key={key}
            variant={variant}
            title={title}
            actionClose={dismissible ? <AlertActionCloseButton onClose={() => close(key)} /> : undefined}
          >
            {content}
          </Alert>
        ))}
      </AlertGroup>
    </ToastContext.Provider>
  );
}

/** As the SDK's from 4.23 on. */
export function useToast(): Toasts {
  const toasts = useContext(ToastContext);
  if (toasts === undefined) throw new Error('no place for toasts');
  return toasts;
}
