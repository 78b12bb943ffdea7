import type { ReportStatus } from '../../../src/report/status.ts';
import type { ReportResource } from './report-object.ts';

/** For tests: a MustGatherReport with this status, as a watch of the console has it. */
export function fullReport(status: ReportStatus): ReportResource {
  return {
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'MustGatherReport',
    metadata: { name: `report-${status.id}`, namespace: 'muster', creationTimestamp: '2026-11-21T10:00:00Z' },
    spec: {
      images: [],
      imageStreams: [],
      components: ['cluster'],
      allImages: false,
      cancel: false,
      hostNetwork: false,
      keepNamespace: false,
      sourceDir: '/must-gather',
      timeout: '10m',
      volumePercentage: 70,
    },
    status,
  };
}
