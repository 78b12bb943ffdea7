import type { Action } from '@openshift-console/dynamic-plugin-sdk';
import { useTranslation } from 'react-i18next';
import { hasArchive, isOngoing } from '../../reports/report.ts';
import { StatusLabel } from '../../reports/status-label.tsx';
import { NAMESPACE } from '../../words/namespace.ts';
import { actionsAnywhere, generateAnywhere } from '../anywhere.ts';
import { consoleSource } from '../console-source.ts';
import { Contribution } from '../contribution.tsx';
import { BASE_PATH } from '../place.ts';
import { ReportNotice } from '../report-notice.tsx';
import { type ReportResource, reportOf } from '../report-object.ts';

type ResourceProps = { readonly obj?: ReportResource };

/** What can be done with a MustGatherReport, in its row and on its page. A hook, as the console wants it. */
export function useResourceActions(resource: ReportResource): [Action[], boolean, undefined] {
  const { t } = useTranslation(NAMESPACE);
  const report = reportOf(resource);
  const generate = { id: 'muster-generate', label: t('Generate report'), cta: () => generateAnywhere() };
  if (report === undefined) return [[generate], true, undefined];
  const ended = !isOngoing(report);
  const actions: Action[] = [
    { id: 'muster-view', label: t('View report'), cta: { href: `${BASE_PATH}/reports/${report.id}` } },
    generate,
  ];
  if (hasArchive(report)) {
    actions.push({ id: 'muster-download', label: t('Download report'), cta: () => download(report.id) });
  }
  if (ended) actions.push({ id: 'muster-retry', label: t('Retry'), cta: () => void actionsAnywhere.retry(report) });
  else actions.push({ id: 'muster-cancel', label: t('Cancel report'), cta: () => void actionsAnywhere.cancel(report) });
  actions.push({ id: 'muster-delete', label: t('Delete report'), cta: () => void actionsAnywhere.remove([report]) });
  return [actions, true, undefined];
}

/** A click on a link, as the console's own links to other addresses open pages: this one is a file. */
function download(id: number): void {
  const link = document.createElement('a');
  link.href = consoleSource.archiveUrl(id);
  link.download = '';
  link.click();
}

/** The tab `Report` on the page of a MustGatherReport. */
export function ResourceTab({ obj }: ResourceProps) {
  const report = obj && reportOf(obj);
  if (report === undefined) return null;
  return (
    <Contribution>
      <ReportNotice report={report} />
    </Contribution>
  );
}

/** Its status among the details there. */
export function ResourceStatus({ obj }: ResourceProps) {
  const report = obj && reportOf(obj);
  if (report === undefined) return null;
  return (
    <Contribution>
      <StatusLabel report={report} />
    </Contribution>
  );
}

/** What `Create MustGatherReport` begins with. */
export const yamlTemplate = `apiVersion: muster.dev/v1alpha1
kind: MustGatherReport
metadata:
  generateName: report-
spec:
  components: [cluster]
  since: 8h
`;
