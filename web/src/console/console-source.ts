import { useK8sWatchResource } from '@openshift-console/dynamic-plugin-sdk';
import { useMemo } from 'react';
import type { ReadOverview } from '../overview/overview.ts';
import type { ReportList, ReportSource } from '../reports/report-source.ts';
import { RequestFailed } from '../reports/request-failed.ts';
import { createRestClient } from '../reports/rest-client.ts';
import { createRestActions } from '../reports/rest-source.ts';
import { sendByConsole } from './console-fetch.ts';
import { REPORT_KIND, SERVICE_PATH } from './place.ts';
import { type ReportResource, reportsOf } from './report-object.ts';

const ALL_REPORTS = { groupVersionKind: REPORT_KIND, isList: true, namespaced: true };

/** The service, through the console's proxy. */
const client = createRestClient(sendByConsole, () => Date.now());

/** Reports by the console's watch of the custom resource; what is asked for goes to the service. */
export const consoleSource: ReportSource = {
  ...createRestActions({ client, basePath: SERVICE_PATH, now: () => Date.now() }),
  useReports: useWatchedReports,
};

/** What the dashboard shows of the cluster. */
export const readOverview: ReadOverview = (signal) => client.json(`${SERVICE_PATH}/overview`, { signal });

function useWatchedReports(): ReportList {
  const [resources, isLoaded, error] = useK8sWatchResource<ReportResource[]>(ALL_REPORTS);
  return useMemo(() => {
    if (error) return { reports: [], liveness: 'loading', error: failureOf(error) };
    if (!isLoaded) return { reports: [], liveness: 'loading' };
    return { reports: reportsOf(resources), liveness: 'live' };
  }, [resources, isLoaded, error]);
}

function failureOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return 'code' in error && typeof error.code === 'number' ? new RequestFailed(error.code, '', error.message) : error;
}
