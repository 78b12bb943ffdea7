import type { OpenGenerate } from '../generate/use-generate.ts';
import type { ReportActions } from '../report-actions/use-report-actions.tsx';
import type { Say } from '../shell/toasts.tsx';

// What the plugin adds to the console stands in many places, some of which go away when a person clicks beside them (a
// popover) or are no components at all (an alert's action). The dialog, the questions and the toasts must outlive them:
// they stand once at the root of the console, and are called from here. Most visits of the console never need them, so
// they are loaded when the first call comes.

export type Root = { readonly generate: OpenGenerate; readonly actions: ReportActions; readonly say: Say };

type Waiting = { readonly resolve: (root: Root) => void; readonly reject: (error: unknown) => void };

let root: Root | undefined;
let waiting: readonly Waiting[] = [];
/** Grows with each call that finds nothing standing. */
let calls = 0;
const listeners = new Set<() => void>();

/** What stands at the root, or nothing any more. Whoever waited for it goes on. */
export function setRoot(current: Root | undefined): void {
  root = current;
  if (current === undefined) return;
  for (const { resolve } of waiting) resolve(current);
  waiting = [];
}

/** It could not be loaded: nothing comes of the calls so far. The next one tries again. */
export function refuseCalls(error: unknown): void {
  for (const { reject } of waiting) reject(error);
  waiting = [];
}

/** How often the root was called for in vain, for React's `useSyncExternalStore`. */
export const rootCalls = {
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  count: (): number => calls,
};

function standing(): Promise<Root> {
  if (root !== undefined) return Promise.resolve(root);
  const arrived = new Promise<Root>((resolve, reject) => {
    waiting = [...waiting, { resolve, reject }];
  });
  calls += 1;
  for (const listener of listeners) listener();
  return arrived;
}

/** Has the root loaded, where nothing else is asked of it. */
export const callRoot = (): void => void standing().catch(() => undefined);

/** What a person asked for, once the root stands. Where it cannot be loaded the root says so (root.tsx), and this is `none`. */
async function withRoot<T>(run: (root: Root) => Promise<T> | T, none: T): Promise<T> {
  const current = await standing().catch(() => undefined);
  return current === undefined ? none : await run(current);
}

export const generateAnywhere: OpenGenerate = (preset) => void withRoot(({ generate }) => generate(preset), undefined);
export const sayAnywhere: Say = (toast) => void withRoot(({ say }) => say(toast), undefined);
export const actionsAnywhere: ReportActions = {
  retry: (report) => withRoot(({ actions }) => actions.retry(report), undefined),
  cancel: (report) => withRoot(({ actions }) => actions.cancel(report), false),
  remove: (reports) => withRoot(({ actions }) => actions.remove(reports), false),
};
