import type { Kind, KubeObject } from '../kube/kinds.ts';
import { GROUP, KIND, PLURAL, VERSION } from '../report/kind.ts';
import type { ReportStatus } from '../report/status.ts';

/** A report as the cluster keeps it. Its spec has passed the schema there, but is checked again before it is used. */
export type MustGatherReport = KubeObject & { spec?: unknown; status?: ReportStatus };

export const mustGatherReports: Kind<MustGatherReport> = {
  group: GROUP,
  version: VERSION,
  plural: PLURAL,
  kind: KIND,
  namespaced: true,
};

/** The number of the report. Only the service's own account may set it (deploy/base, policies). */
export const ID_LABEL = 'muster.dev/id';
/** Who asked; set like the number. */
export const REQUESTED_BY_ANNOTATION = 'muster.dev/requested-by';
/** The number of the report that this one repeats. */
export const RETRY_OF_ANNOTATION = 'muster.dev/retry-of';
/** Keeps a deleted report until nothing of it is left. */
export const FINALIZER = 'muster.dev/report';

/** The number of a report; `undefined` until it has one. */
export function numberOf({ metadata, status }: MustGatherReport): number | undefined {
  const number = Number(metadata.labels?.[ID_LABEL] ?? status?.id);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** What names a report in the work queue, and in lines of the log. */
export function keyOf({ metadata }: MustGatherReport): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}
