import * as sdk from '@openshift-console/dynamic-plugin-sdk';
import type { ReactNode } from 'react';
import { type Say, SayProvider, ToastsProvider } from '../shell/toasts.tsx';

/** Of the console's own toasts (4.23 and later), what is used of them. */
type ConsoleToasts = {
  addToast(toast: {
    readonly title: string;
    readonly variant: string;
    readonly content?: ReactNode;
    readonly timeout?: boolean;
    readonly dismissible?: boolean;
  }): void;
};

// By name and not by import: console 4.22 has none, and the build warns of what its SDK does not export.
const useToast = (sdk as unknown as { readonly useToast?: () => ConsoleToasts }).useToast;

type Props = { readonly children: ReactNode };

/** Toasts in the console's own place where it has one, else in one of our own. */
export function ConsoleToastsProvider({ children }: Props) {
  return useToast === undefined ? (
    <ToastsProvider>{children}</ToastsProvider>
  ) : (
    <OwnToasts hook={useToast}>{children}</OwnToasts>
  );
}

function OwnToasts({ hook: useConsoleToast, children }: Props & { readonly hook: () => ConsoleToasts }) {
  const { addToast } = useConsoleToast();
  const say: Say = ({ variant, title, text }) => {
    const isTrouble = variant === 'danger' || variant === 'warning';
    addToast({ variant, title, content: text, timeout: !isTrouble, dismissible: true });
  };
  return <SayProvider value={say}>{children}</SayProvider>;
}
