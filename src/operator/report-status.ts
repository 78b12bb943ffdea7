import { isFinal, judge, type ReportFacts } from '../report/lifecycle.ts';
import type { Spec } from '../report/spec.ts';
import type { ReportStatus } from '../report/status.ts';
import { expiresAtMs } from './expiry.ts';
import { type MustGatherReport, numberOf, REQUESTED_BY_ANNOTATION, RETRY_OF_ANNOTATION } from './report-kind.ts';

/** What is known of a report besides what `judge` needs. */
export type StatusFacts = Omit<ReportFacts, 'previous' | 'now' | 'archive' | 'cancelAsked'> & {
  readonly archive: 'open' | { readonly failed: string } | NonNullable<ReportStatus['archive']>;
  readonly spec: Spec | undefined;
  readonly nowMs: number;
  readonly reportUrl: (id: number) => string;
};

/** The whole status of a report, from what was said of it before and what is known now. The one place that makes it. */
export function reportStatus(report: MustGatherReport, previous: ReportStatus, facts: StatusFacts): ReportStatus {
  const { spec, archive, nowMs, reportUrl, ...rest } = facts;
  const now = new Date(nowMs).toISOString();
  const sealed = typeof archive === 'object' && 'sha256' in archive ? archive : undefined;
  const { phase, conditions, gathers, progress } = judge({
    ...rest,
    previous,
    cancelAsked: spec?.cancel ?? false,
    archive: sealed === undefined ? (archive as 'open' | { failed: string }) : 'sealed',
    now,
  });
  const id = numberOf(report);
  const finishedAt = previous.finishedAt ?? (isFinal(phase) ? now : undefined);
  const expiresMs =
    finishedAt === undefined || spec === undefined ? undefined : expiresAtMs(spec, phase, Date.parse(finishedAt));
  const kept = sealed ?? previous.archive;
  return defined({
    id,
    phase,
    conditions: [...conditions],
    gathers: gathers.length === 0 && rest.gathers === undefined ? undefined : [...gathers],
    progress,
    archive: kept,
    report_url: kept === undefined || id === undefined ? undefined : reportUrl(id),
    requestedBy: report.metadata.annotations?.[REQUESTED_BY_ANNOTATION],
    retryOf: wholeNumber(report.metadata.annotations?.[RETRY_OF_ANNOTATION]),
    startedAt: previous.startedAt ?? now,
    finishedAt,
    expiresAt: expiresMs === undefined ? undefined : new Date(expiresMs).toISOString(),
    observedGeneration: report.metadata.generation,
  });
}

function wholeNumber(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

type Optional = { [K in keyof ReportStatus]: ReportStatus[K] | undefined };

/** Server-side apply takes no `undefined`: what is not known is not there. */
function defined(status: Optional): ReportStatus {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
}
