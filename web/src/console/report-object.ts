import type { K8sResourceCommon } from '@openshift-console/dynamic-plugin-sdk';
import { type ReportObject, restReport } from '../../../src/report/rest-report.ts';
import type { Report } from '../reports/report.ts';

/** A MustGatherReport as the console's watches have it. */
export type ReportResource = K8sResourceCommon & Pick<ReportObject, 'spec' | 'status'>;

const seen = new WeakMap<ReportResource, Report>();

/** The report as REST shows it; `undefined` until it has a number. */
export function reportOf(resource: ReportResource): Report | undefined {
  if (resource.status?.id === undefined) return undefined;
  const known = seen.get(resource);
  if (known !== undefined) return known;
  const { name, creationTimestamp } = resource.metadata ?? {};
  // The same function makes the REST answer, so its shape is that of Report.
  const report = restReport({ ...resource, metadata: { name, creationTimestamp } }, '') as unknown as Report;
  seen.set(resource, report);
  return report;
}

/** By number, newest first. */
export function reportsOf(resources: readonly ReportResource[]): Report[] {
  return resources.flatMap((resource) => reportOf(resource) ?? []).sort((a, b) => b.id - a.id);
}
