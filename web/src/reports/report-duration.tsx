import { formatElapsed } from '../../../src/report/format.ts';
import { useServerNow } from '../time/use-now.ts';
import { isOngoing, type Report } from './report.ts';

const SECOND_MS = 1000;
/** What has ended needs no clock. */
const SELDOM_MS = 3_600_000;

/** How long a report took, or runs by now. */
export function ReportDuration({ report }: { readonly report: Report }) {
  const now = useServerNow(isOngoing(report) ? SECOND_MS : SELDOM_MS);
  const fromMs = Date.parse(report['started-at'] ?? report['created-at']);
  const elapsedMs = (isOngoing(report) ? now : Date.parse(report['finished-at'] ?? '')) - fromMs;
  return <span>{Number.isNaN(elapsedMs) ? '–' : formatElapsed(elapsedMs)}</span>;
}
