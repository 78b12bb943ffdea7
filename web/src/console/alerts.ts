import type { Component } from '../../../src/report/rest-components.ts';

// The console wants each alert by its exact name, so these stand here. Names and labels: the alerting rules of the
// cluster-version-operator, kubernetes-mixin, hyperconverged-cluster-operator and OpenShift Data Foundation.

/** Which components an alert may be about, by what their names begin with. */
const BY_ALERT: Readonly<Record<string, readonly string[]>> = {
  ClusterOperatorDegraded: [],
  ClusterOperatorDown: [],
  KubePodCrashLooping: [],
  KubePodNotReady: [],
  KubeDeploymentReplicasMismatch: [],
  KubeNodeNotReady: [],
  HCOInstallationIncomplete: ['kubevirt-hyperconverged'],
  HCOOperatorConditionsUnhealthy: ['kubevirt-hyperconverged'],
  VirtControllerDown: ['kubevirt-hyperconverged'],
  VirtOperatorDown: ['kubevirt-hyperconverged'],
  CephClusterErrorState: ['odf-operator', 'ocs-operator'],
  CephClusterWarningState: ['odf-operator', 'ocs-operator'],
};

const BY_NAMESPACE: Readonly<Record<string, readonly string[]>> = {
  'openshift-cnv': ['kubevirt-hyperconverged'],
  'openshift-storage': ['odf-operator', 'ocs-operator'],
  'openshift-mtv': ['mtv-operator'],
};

/** Alerts that lead to a report. */
export const ALERT_NAMES: readonly string[] = Object.keys(BY_ALERT);

type Labels = Readonly<Record<string, string>>;

/**
 * The components that the alert is about, out of those that there are: of its kind, of the operator or the namespace that its
 * labels name, else the cluster itself, whose report covers every operator without a gather image of its own. Empty where
 * not even that is known.
 */
export function componentsOfAlert(alertName: string, labels: Labels, known: readonly Component[]): string[] {
  const { name = '', namespace = '' } = labels;
  const begins = [...(BY_ALERT[alertName] ?? []), ...(BY_NAMESPACE[namespace] ?? [])];
  const isMeant = (component: Component) =>
    component.name === name || begins.some((beginning) => component.name.startsWith(beginning));
  const meant = known.filter(isMeant);
  const cluster = known.filter(({ kind }) => kind === 'Cluster');
  return (meant.length > 0 ? meant : cluster).map((component) => component.name);
}
