// What GET /overview answers: the service makes it, the pages show it.

export type HealthState = 'ok' | 'warning' | 'error' | 'unknown';

/** How something is. */
export type Health = {
  readonly state: HealthState;
  /** Why it is not well, for a person. */
  readonly text?: string;
};

/** What a person calls the cluster, and what support asks for. */
export type ClusterDetails = {
  /** Of ClusterVersion; elsewhere the UID of namespace kube-system. */
  readonly id?: string;
  readonly name: string;
  /** Of OpenShift. */
  readonly version?: string;
  /** Empty where it cannot be told. */
  readonly kubernetesVersion: string;
  readonly provider?: string;
  readonly apiServer: string;
};

/** An operator, or another component, that is not well. */
export type IllOperator = {
  readonly name: string;
  readonly title: string;
  readonly message: string;
  /** What knows more: `components` of a request takes it. */
  readonly component: string;
};

/** An alert that fires. */
export type ActiveAlert = {
  readonly name: string;
  /** `critical`, `warning`, `info`, or a word of whoever wrote the rule. */
  readonly severity: string;
  readonly summary: string;
  /** RFC 3339. */
  readonly activeSince: string;
  /** What knows more, as of an operator; where the alert names one. */
  readonly component?: string;
};

/** How many nodes there are, and the names of those that are not ready. */
export type NodeCounts = {
  readonly ready: number;
  readonly total: number;
  readonly notReady: readonly string[];
};

/** How the cluster is. */
export type Overview = {
  readonly cluster: ClusterDetails;
  readonly health: { readonly cluster: Health; readonly operators: Health; readonly nodes: Health };
  readonly operators: readonly IllOperator[];
  readonly nodes: NodeCounts;
  /** null where no Alertmanager was named, or it does not answer. */
  readonly alerts: readonly ActiveAlert[] | null;
  /** What could not be read, and why. */
  readonly warnings: readonly string[];
};
