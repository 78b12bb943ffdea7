import { createContext, useContext } from 'react';

/** What is checked when the dialog opens; all components of the last 8 hours unless told. */
export type GeneratePreset = { readonly components?: readonly string[] };

export type OpenGenerate = (preset?: GeneratePreset) => void;

const GenerateContext = createContext<OpenGenerate | undefined>(undefined);

export const GenerateContextProvider = GenerateContext.Provider;

/** Opens the dialog from anywhere. */
export function useGenerate(): OpenGenerate {
  const open = useContext(GenerateContext);
  if (open === undefined) throw new Error('no dialog around this component');
  return open;
}

/** The component that is the cluster itself, in every list. */
const CLUSTER = 'cluster';

/** What is checked at first, out of all `names`. A component that names no gather image is seen by the cluster's. */
export function selectionOf({ components }: GeneratePreset, names: readonly string[]): ReadonlySet<string> {
  if (components === undefined) return new Set(names);
  const known = components.filter((name) => names.includes(name));
  return new Set(known.length > 0 ? known : [CLUSTER]);
}
