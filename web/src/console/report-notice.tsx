import { OngoingReport } from '../dashboard/ongoing-report.tsx';
import { PinnedMessage } from '../dashboard/pinned-message.tsx';
import { isOngoing, type Report } from '../reports/report.ts';

/** How far a report is, or what became of it and what can be done with it. */
export function ReportNotice({ report }: { readonly report: Report }) {
  return isOngoing(report) ? <OngoingReport report={report} /> : <PinnedMessage report={report} />;
}
