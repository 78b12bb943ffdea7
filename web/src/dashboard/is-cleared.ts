import { hasArchive, type Report } from '../reports/report.ts';

/** A message that is cleared, and no report that is deleted: nothing was gathered that anybody could want. */
export function isCleared(report: Report): boolean {
  return report.phase === 'Failed' || !hasArchive(report);
}
