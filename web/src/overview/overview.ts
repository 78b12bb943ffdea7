import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';

export type HealthState = 'ok' | 'warning' | 'error' | 'unknown';

/** How something is, and why it is not well. */
export type Health = { readonly state: HealthState; readonly text?: string };

/** An operator, or another component, that is not well; `component` is what a request for a report takes. */
export type IllOperator = {
  readonly name: string;
  readonly title: string;
  readonly message: string;
  readonly component: string;
};

/** An alert that fires. `severity` is any word, mostly critical, warning or info; `activeSince` is RFC 3339. */
export type ActiveAlert = {
  readonly name: string;
  readonly severity: string;
  readonly summary: string;
  readonly activeSince: string;
  readonly component?: string;
};

export type ClusterDetails = {
  readonly id?: string;
  readonly name: string;
  /** Of OpenShift. */
  readonly version?: string;
  /** Empty where it cannot be told. */
  readonly kubernetesVersion: string;
  readonly provider?: string;
  readonly apiServer: string;
};

/** What GET /overview tells of the cluster. */
export type Overview = {
  readonly cluster: ClusterDetails;
  readonly health: { readonly cluster: Health; readonly operators: Health; readonly nodes: Health };
  readonly operators: readonly IllOperator[];
  readonly nodes: { readonly ready: number; readonly total: number; readonly notReady: readonly string[] };
  /** null where nobody can tell. */
  readonly alerts: readonly ActiveAlert[] | null;
  /** What could not be read, and why. */
  readonly warnings: readonly string[];
};

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
