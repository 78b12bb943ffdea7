import type { Kube } from '../../src/kube/kube.ts';
import { FINALIZER, ID_LABEL, mustGatherReports, REQUESTED_BY_ANNOTATION } from '../../src/operator/report-kind.ts';
import type { ReportStatus } from '../../src/report/status.ts';

export type PlantedReport = {
  readonly id: number;
  readonly spec?: object;
  readonly requestedBy?: string;
  readonly status: ReportStatus;
};

const PLANTED_AT_ONCE = 16;

/**
 * Puts reports into the cluster as they are after their end. While no service runs: one that does would begin them
 * before their status is there.
 */
export async function plantReports(kube: Kube, reports: readonly PlantedReport[]): Promise<void> {
  const namespace = 'default';
  for (let at = 0; at < reports.length; at += PLANTED_AT_ONCE) {
    await Promise.all(
      reports.slice(at, at + PLANTED_AT_ONCE).map(async ({ id, spec = {}, requestedBy = '', status }) => {
        const name = `report-${id}`;
        const labels = { [ID_LABEL]: String(id) };
        const annotations = requestedBy === '' ? {} : { [REQUESTED_BY_ANNOTATION]: requestedBy };
        const metadata = { name, namespace, labels, annotations, finalizers: [FINALIZER] };
        await kube.create(mustGatherReports, { metadata, spec }, { namespace });
        const whole = { status: { id, requestedBy, conditions: [], gathers: [], ...status } };
        await kube.patch(mustGatherReports, name, 'merge', whole, { namespace, subresource: 'status' });
      }),
    );
  }
}

const HOUR_MS = 3_600_000;

/** Reports of all kinds, numbered from `first`, of the last hours before `nowMs`. */
export function variedReports(count: number, nowMs: number, first = 1): PlantedReport[] {
  const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  const phases = ['Completed', 'Completed', 'Partial', 'Failed', 'Cancelled'] as const;
  return Array.from({ length: count }, (_, place): PlantedReport => {
    const id = first + place;
    const phase = phases[id % phases.length] ?? 'Completed';
    const startedMs = nowMs - HOUR_MS - (count - place) * 1000;
    const hasData = phase === 'Completed' || phase === 'Partial';
    const message = '1 of 2 gathers incomplete: storage: ceph not reachable';
    const failure = { type: 'Failure', status: 'True', reason: 'ExitCode', message, lastTransitionTime: iso(nowMs) };
    return {
      id,
      requestedBy: ['ada', 'grace', 'system:serviceaccount:muster:backup'][id % 3] ?? 'ada',
      spec: {
        components: ['cluster', 'odf-operator'].slice(0, 1 + (id % 2)),
        since: id % 2 === 0 ? '8h' : '1h',
        ...(id % 7 === 0 ? { customName: `case-${id}` } : {}),
      },
      status: {
        phase,
        startedAt: iso(startedMs),
        finishedAt: iso(startedMs + 60_000 + (id % 90) * 1000),
        expiresAt: iso(nowMs + 12 * HOUR_MS),
        conditions: phase === 'Completed' ? [] : [failure as NonNullable<ReportStatus['conditions']>[number]],
        ...(hasData ? { archive: { name: `report-${id}.tar.gz`, size: id * 1_000_000, sha256: 'a'.repeat(64) } } : {}),
      },
    };
  });
}
