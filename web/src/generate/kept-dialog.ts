import { createContext, type MutableRefObject, useContext, useRef } from 'react';
import type { Draft } from './draft.ts';
import type { GeneratePreset } from './use-generate.ts';

/** What the open dialog holds until a report was asked for; nothing while it is closed. */
export type KeptDialog = {
  /** As it was opened. */
  readonly preset?: GeneratePreset;
  readonly draft?: Draft;
};

export type DialogKeeper = MutableRefObject<KeptDialog>;

/** A session that ends takes the pages away, and the dialog with them: who signs in again goes on where they were. */
const KeeperContext = createContext<DialogKeeper | undefined>(undefined);

export const DialogKeeperProvider = KeeperContext.Provider;

/** Keeps the dialog of this person, in memory: a command may hold what is written nowhere. Another one finds none. */
export function useDialogKeeper(username: string | undefined): DialogKeeper {
  const kept = useRef<KeptDialog>({});
  const owner = useRef(username);
  if (username !== undefined && username !== owner.current) {
    owner.current = username;
    kept.current = {};
  }
  return kept;
}

/** Where the dialog keeps what it holds; in memory of its own where nobody outlives it. */
export function useKeptDialog(): DialogKeeper {
  const own = useRef<KeptDialog>({});
  return useContext(KeeperContext) ?? own;
}
