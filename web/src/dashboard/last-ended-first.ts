import type { Report } from '../reports/report.ts';

/** Orders reports that ended. */
export function lastEndedFirst(one: Report, other: Report): number {
  const [oneAt, otherAt] = [one['finished-at'] ?? '', other['finished-at'] ?? ''];
  return oneAt === otherAt ? other.id - one.id : oneAt < otherAt ? 1 : -1;
}
