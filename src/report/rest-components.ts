/** What a person can pick for a report. */
export type Component = {
  /** As `spec.components` names it; a DNS subdomain, unique in its list. */
  readonly name: string;
  readonly title: string;
  readonly kind: 'Cluster' | 'ClusterServiceVersion' | 'ClusterOperator' | 'ConfigMap';
  /** The gather image that knows it. */
  readonly image: string;
  readonly healthy: boolean;
  /** Why it is not healthy; empty where nothing is told. */
  readonly message: string;
};

/** What GET /components answers. */
export type ComponentList = {
  readonly components: readonly Component[];
  /** What could not be read, or not be taken, and why. */
  readonly warnings: readonly string[];
};
