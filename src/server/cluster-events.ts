import { type Event, events } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import type { MustGatherReport } from '../operator/report-kind.ts';
import type { ReportHappening } from '../report/rest-events.ts';

const MOST_TOLD = 500;
/** The API lists events by name, so the newest may come last; a report has a handful, and nobody gets more read. */
const MOST_READ = 5000;

/** The events about one object, newest first. Throws KubeError. */
export async function eventsOf(
  kube: Kube,
  { metadata: { namespace, uid = '' } }: MustGatherReport,
  signal: AbortSignal,
): Promise<ReportHappening[]> {
  const found: ReportHappening[] = [];
  for await (const event of kube.list(events, { namespace, fieldSelector: `involvedObject.uid=${uid}`, signal })) {
    found.push(happeningOf(event));
    if (found.length >= MOST_READ) break;
  }
  return found.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MOST_TOLD);
}

function happeningOf(event: Event): ReportHappening {
  const { type = 'Normal', reason = '', message = '', series, lastTimestamp, eventTime, firstTimestamp } = event;
  return {
    type,
    reason,
    message,
    at:
      series?.lastObservedTime ??
      lastTimestamp ??
      eventTime ??
      firstTimestamp ??
      event.metadata.creationTimestamp ??
      '',
    count: Math.max(1, series?.count ?? event.count ?? 1),
  };
}
