import type { Report, ReportRequest } from '../reports/report.ts';

/** What an earlier report of the same things came to. */
export type Cost = { readonly sizeBytes: number; readonly elapsedMs: number };

/** Of the newest complete report of the same components and images; one of the same period before others. */
export function costOf(request: ReportRequest, isEverything: boolean, reports: readonly Report[]): Cost | undefined {
  const alike = reports.filter((report) => report.phase === 'Completed' && isOfSame(request, isEverything, report));
  const nearest = alike.find((report) => (request.since ?? '') === report.since) ?? alike[0];
  if (nearest === undefined || nearest['finished-at'] === null) return undefined;
  const elapsedMs = Date.parse(nearest['finished-at']) - Date.parse(nearest['started-at'] ?? nearest['created-at']);
  return { sizeBytes: nearest['archive-size'], elapsedMs: Math.max(0, elapsedMs) };
}

function isOfSame({ components = [], images = [] }: ReportRequest, isEverything: boolean, report: Report): boolean {
  if (isEverything && images.length === 0 && report['all-images']) return true;
  return hasSame(components, report.components) && hasSame(images, report.images) && !report['all-images'];
}

/** A report that a request may have become whose answer was lost: newer than `afterId`, and asking for the same. */
export function lostReport(request: ReportRequest, afterId: number, reports: readonly Report[]): Report | undefined {
  const name = request['custom-name'] ?? '';
  return reports.find(
    (report) =>
      report.id > afterId &&
      isOfSame(request, false, report) &&
      report['custom-name'] === name &&
      report.command === (request.command ?? ''),
  );
}

function hasSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}

/** `4 minutes`, in the person's language. */
export function roughly(elapsedMs: number, language: string): string {
  const seconds = Math.max(1, Math.round(elapsedMs / 1000));
  const [amount, unit] =
    seconds < 60
      ? [seconds, 'second']
      : seconds < 5400
        ? [Math.round(seconds / 60), 'minute']
        : [Math.round(seconds / 3600), 'hour'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}
