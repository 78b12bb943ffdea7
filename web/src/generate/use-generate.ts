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
