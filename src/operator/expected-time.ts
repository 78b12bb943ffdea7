import type { GatherStatus } from '../report/status.ts';
import type { MustGatherReport } from './report-kind.ts';

/** So many of the newest count. */
const MOST_COUNTED = 5;

/**
 * How long a report of these gathers will take, by the median of the newest that gathered the same images on as many
 * nodes; `undefined` where there is none.
 */
export function expectedMs(reports: Iterable<MustGatherReport>, gathers: readonly GatherStatus[]): number | undefined {
  const wanted = signatureOf(gathers);
  const earlier: { endedMs: number; tookMs: number }[] = [];
  for (const { status } of reports) {
    if (status?.phase !== 'Completed' || status.startedAt === undefined || status.finishedAt === undefined) continue;
    if (signatureOf(status.gathers ?? []) !== wanted) continue;
    const endedMs = Date.parse(status.finishedAt);
    earlier.push({ endedMs, tookMs: endedMs - Date.parse(status.startedAt) });
  }
  const counted = earlier
    .sort((a, b) => b.endedMs - a.endedMs)
    .slice(0, MOST_COUNTED)
    .map(({ tookMs }) => tookMs)
    .sort((a, b) => a - b);
  return counted[Math.floor(counted.length / 2)];
}

const signatureOf = (gathers: readonly GatherStatus[]) =>
  gathers
    .map(({ image }) => image)
    .sort()
    .join('\n');
