import { createContext, useContext } from 'react';

/** Where Muster's pages are: at the root when standalone, below the plugin's route in the console. */
export type Paths = {
  readonly dashboard: string;
  readonly reports: string;
  report(id: number): string;
  /** A file of a report's archive, by its path in it. */
  file(id: number, path: string): string;
};

/** Paths below `base`, which ends without a slash. */
export function pathsBelow(base: string): Paths {
  const report = (id: number) => `${base}/reports/${id}`;
  return {
    dashboard: base === '' ? '/' : base,
    reports: `${base}/reports`,
    report,
    file: (id, path) => `${report(id)}/files/${path.split('/').map(encodeURIComponent).join('/')}`,
  };
}

const PathsContext = createContext<Paths>(pathsBelow(''));

export const PathsProvider = PathsContext.Provider;

export function usePaths(): Paths {
  return useContext(PathsContext);
}
