import {
  HealthState,
  type SubsystemHealth,
  type WatchK8sResources,
  type WatchK8sResults,
} from '@openshift-console/dynamic-plugin-sdk';
import { isOngoing } from '../../reports/report.ts';
import { NAMESPACE } from '../../words/namespace.ts';
import { REPORT_REFERENCE } from '../place.ts';
import { type ReportResource, reportsOf } from '../report-object.ts';

export type HealthResources = { reports: ReportResource[] };

export const healthResources: WatchK8sResources<HealthResources> = {
  reports: { kind: REPORT_REFERENCE, isList: true, namespaced: true },
};

type Translate = (key: string, values?: Record<string, unknown>) => string;

/** What the Status card says beside `Diagnostics`: of the report that runs, else of the newest one. */
export function reportHealth({ reports }: WatchK8sResults<HealthResources>, translate?: Translate): SubsystemHealth {
  const t: Translate = (key, values) => translate?.(`${NAMESPACE}~${key}`, values) ?? key;
  if (reports.loadError) return { state: HealthState.NOT_AVAILABLE };
  if (!reports.loaded) return { state: HealthState.LOADING };
  const all = reportsOf(reports.data);
  const [newest] = all;
  if (newest === undefined) return { state: HealthState.OK, message: t('No reports') };
  const ongoing = all.find(isOngoing);
  if (ongoing !== undefined) {
    const percent = ongoing.progress?.percent;
    return {
      state: HealthState.PROGRESS,
      message: percent === undefined ? t('Generating report') : t('Generating report, {{percent}} %', { percent }),
    };
  }
  switch (newest.phase) {
    case 'Completed':
      return { state: HealthState.OK, message: t('Report is ready') };
    case 'Partial':
      return { state: HealthState.WARNING, message: t('Report is ready, but incomplete') };
    case 'Failed':
      return { state: HealthState.ERROR, message: t('Report failed') };
    default:
      return { state: HealthState.OK, message: t('Report cancelled') };
  }
}
