import type { OpenGenerate } from '../generate/use-generate.ts';
import type { ReportActions } from '../report-actions/use-report-actions.tsx';
import type { Say } from '../shell/toasts.tsx';

// What the plugin adds to the console stands in many places, some of which go away when a person clicks beside them (a
// popover) or are no components at all (an alert's action). The dialog, the questions and the toasts must outlive them:
// they stand once at the root of the console, and are called from here.

export type Root = { readonly generate: OpenGenerate; readonly actions: ReportActions; readonly say: Say };

let root: Root | undefined;

/** What stands at the root, or nothing any more. */
export function setRoot(current: Root | undefined): void {
  root = current;
}

function standing(): Root {
  if (root === undefined)
    throw new Error("Muster's dialog is not there: the console has not loaded its context provider");
  return root;
}

export const generateAnywhere: OpenGenerate = (preset) => standing().generate(preset);
export const sayAnywhere: Say = (toast) => standing().say(toast);
export const actionsAnywhere: ReportActions = {
  retry: (report) => standing().actions.retry(report),
  cancel: (report) => standing().actions.cancel(report),
  remove: (reports) => standing().actions.remove(reports),
};
