import type { Kube } from '../kube/kube.ts';
import type { Timers } from '../kube/timers.ts';
import { isFinal } from '../report/lifecycle.ts';
import { pickExpired, type RetentionLimits } from '../store/retention.ts';
import { keyOf, type MustGatherReport, mustGatherReports } from './report-kind.ts';

export type KeepLimitsOptions = {
  readonly kube: Kube;
  readonly limits: RetentionLimits;
  readonly reports: () => readonly MustGatherReport[];
  /** Somebody fetches its archive. */
  readonly isRead: (reportUid: string) => boolean;
  readonly timers: Timers;
  readonly say: (line: string) => void;
};

/** Deletes the oldest reports with an archive, as far as the limits of the store want it. Throws `KubeError`. */
export async function keepLimits({ kube, limits, reports, isRead, timers, say }: KeepLimitsOptions): Promise<void> {
  const kept = reports().flatMap((report) => {
    const { archive, phase = 'New', finishedAt = '' } = report.status ?? {};
    if (archive === undefined || report.metadata.deletionTimestamp !== undefined) return [];
    const inUse = !isFinal(phase) || isRead(report.metadata.uid ?? '');
    return [{ key: keyOf(report), sizeBytes: archive.size, storedAtMs: Date.parse(finishedAt), inUse, report }];
  });
  const expired = new Set(pickExpired(kept, limits, timers.now()));
  for (const { key, report } of kept) {
    if (!expired.has(key)) continue;
    const { name = '', namespace, uid } = report.metadata;
    await kube.remove(mustGatherReports, name, { namespace, uid });
    say(`deleted report ${key}: the store keeps no more (limits of age, count or bytes)`);
  }
}
