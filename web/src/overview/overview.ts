import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { Overview } from '../../../src/report/rest-overview.ts';

/** Reads the overview. Throws RequestFailed. */
export type ReadOverview = (signal: AbortSignal) => Promise<Overview>;

const ReadContext = createContext<ReadOverview | undefined>(undefined);

/** From where the pages below it have the overview. */
export const OverviewProvider = ReadContext.Provider;

const KEY = ['overview'];
/** The service looks again every 5 s at most, and all browsers share its look. */
const EVERY_MS = 15_000;

/** How the cluster is, read again every 15 s while the page is seen. */
export function useOverview() {
  const read = useRead();
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => read(signal), refetchInterval: EVERY_MS });
}

/** Which cluster this is; empty until known. */
export function useClusterName(): string {
  const read = useRead();
  const { data = '' } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => read(signal),
    select: ({ cluster }) => cluster.name,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}

function useRead(): ReadOverview {
  const read = useContext(ReadContext);
  if (read === undefined) throw new Error('no overview around this component');
  return read;
}
