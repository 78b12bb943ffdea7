import { createContext, useContext } from 'react';
import type { ComponentList } from '../../../src/report/rest-components.ts';
import type { ReportHappening } from '../../../src/report/rest-events.ts';
import type { RestFolderEntry } from '../../../src/report/rest-files.ts';
import type { Report, ReportRequest } from './report.ts';

/** Whether what is shown is what is. */
export type Liveness = 'loading' | 'live' | 'reconnecting';

export type ReportList = {
  /** By number, newest first. */
  readonly reports: readonly Report[];
  readonly liveness: Liveness;
  /** Why nothing can be had: no rights, for one. */
  readonly error?: Error | undefined;
};

/** Of what is in a folder. */
export type FolderPage = { readonly entries: readonly RestFolderEntry[]; readonly next: string | undefined };

/** How a stored archive stands to what was sealed. */
export type ArchiveVerdict = { readonly state: 'same' | 'different' | 'missing' };

/**
 * Where the pages have reports from, and what they can ask for: over REST and server-sent events in the standalone pages,
 * over watches of the custom resource and the console's proxy in the OpenShift console. What fails throws RequestFailed.
 */
export type ReportSource = {
  /** All reports, live. A hook. */
  useReports(): ReportList;
  components(signal?: AbortSignal): Promise<ComponentList>;
  /** Answers with the new report. */
  ask(request: ReportRequest): Promise<Report>;
  cancel(id: number): Promise<void>;
  /** Asks for the same again; the report that ended goes. Answers with the new one. */
  retry(id: number): Promise<Report>;
  remove(id: number): Promise<void>;
  /** The cluster's events about a report, newest first. */
  events(id: number, signal?: AbortSignal): Promise<readonly ReportHappening[]>;
  /** Has the archive read from end to end; may take minutes. */
  verify(id: number): Promise<ArchiveVerdict>;
  /** For a link: the browser downloads it by itself. */
  archiveUrl(id: number): string;
  fileUrl(id: number, path: string): string;
  /** Text of the log, from its beginning, and as it grows until the report has ended. */
  log(id: number, gather: string | undefined, signal: AbortSignal): AsyncIterable<string>;
  logUrl(id: number): string;
  folder(id: number, path: string, after: string | undefined, signal: AbortSignal): Promise<FolderPage>;
  /** Bytes of a file from `offset` on, at most `length` of them, and its whole size. */
  fileBytes(
    id: number,
    path: string,
    range: { readonly offset: number; readonly length: number },
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly sizeBytes: number }>;
  /** The service's clock, by which it stamps and deletes. */
  serverNow(): number;
};

const SourceContext = createContext<ReportSource | undefined>(undefined);

export const ReportSourceProvider = SourceContext.Provider;

/** The source of the page. */
export function useReportSource(): ReportSource {
  const source = useContext(SourceContext);
  if (source === undefined) throw new Error('no report source around this component');
  return source;
}

/** All reports, live. */
export function useReports(): ReportList {
  return useReportSource().useReports();
}

/** One report, live; `undefined` while loading, and once it is gone (`liveness` tells the two apart). */
export function useReport(id: number): { readonly report: Report | undefined; readonly liveness: Liveness } {
  const { reports, liveness } = useReports();
  return { report: reports.find((each) => each.id === id), liveness };
}
