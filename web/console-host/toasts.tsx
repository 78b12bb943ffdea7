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
  const [toasts, setToasts] = useState<readonly ToastOptions[]>([]);
  const addToast = useCallback((toast: ToastOptions) => setToasts((before) => [...before, toast]), []);
  const close = (toast: ToastOptions) => setToasts((before) => before.filter((each) => each !== toast));
  return (
    <ToastContext.Provider value={useMemo(() => ({ addToast }), [addToast])}>
      {children}
      <AlertGroup isToast isLiveRegion data-console-toasts="">
        {toasts.map((toast) => (
          <Alert
            key={toast.title}
            variant={toast.variant}
            title={toast.title}
            actionClose={toast.dismissible ? <AlertActionCloseButton onClose={() => close(toast)} /> : undefined}
          >
            {toast.content}
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
