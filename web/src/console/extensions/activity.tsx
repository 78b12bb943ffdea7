import { isFinal } from '../../../../src/report/lifecycle.ts';
import { OngoingReport } from '../../dashboard/ongoing-report.tsx';
import { Ground } from '../ground.tsx';
import { REPORT_REFERENCE } from '../place.ts';
import { type ReportResource, reportOf } from '../report-object.ts';

type ActivityProps = { readonly resource: ReportResource };

export const watchedReports = { prop: 'reports', kind: REPORT_REFERENCE, isList: true, namespaced: true } as const;

/** One without a number was not taken in yet. */
export const isOngoingReport = ({ status }: ReportResource): boolean =>
  status?.id !== undefined && !isFinal(status.phase ?? 'New');

export const startOf = ({ status, metadata }: ReportResource): Date =>
  new Date(status?.startedAt ?? metadata?.creationTimestamp ?? 0);

/** A report that is being generated, in the Activity card. */
export function Activity({ resource }: ActivityProps) {
  const report = reportOf(resource);
  if (report === undefined) return null;
  return (
    <Ground>
      <OngoingReport report={report} />
    </Ground>
  );
}
