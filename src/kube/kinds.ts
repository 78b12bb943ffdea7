/** Hand-written shapes of the few kinds that Muster touches: what it reads and writes, not all that Kubernetes knows. */

export type OwnerReference = { apiVersion: string; kind: string; name: string; uid: string };

export type ObjectMeta = {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: unknown[];
};

export type KubeObject = { apiVersion?: string; kind?: string; metadata: ObjectMeta };

/** An object whose shape nobody knows beforehand, as `muster inspect` meets them. */
export type UnknownObject = KubeObject & { [key: string]: unknown };

/** How the API spells a kind. `T` is the shape of its objects; it exists for the compiler only. */
export type Kind<T extends KubeObject = KubeObject> = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shape?: T;
};

export type Condition = {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastHeartbeatTime?: string;
};

export type Namespace = KubeObject & { status?: { phase?: string } };

export type Node = KubeObject & {
  spec?: { providerID?: string; unschedulable?: boolean; taints?: { key: string; effect: string; value?: string }[] };
  status?: { conditions?: Condition[]; nodeInfo?: { kubeletVersion?: string } };
};

export type EnvVar = { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } };

export type Container = {
  name: string;
  image: string;
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  command?: string[];
  args?: string[];
  env?: EnvVar[];
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  securityContext?: Record<string, unknown>;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';
};

export type ContainerState = {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: {
    exitCode: number;
    reason?: string;
    message?: string;
    signal?: number;
    startedAt?: string;
    finishedAt?: string;
  };
};

export type ContainerStatus = {
  name: string;
  image?: string;
  imageID?: string;
  ready?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
};

export type Pod = KubeObject & {
  spec: {
    nodeName?: string;
    nodeSelector?: Record<string, string>;
    affinity?: Record<string, unknown>;
    hostNetwork?: boolean;
    dnsPolicy?: string;
    priorityClassName?: string;
    restartPolicy?: 'Always' | 'OnFailure' | 'Never';
    serviceAccountName?: string;
    automountServiceAccountToken?: boolean;
    activeDeadlineSeconds?: number;
    terminationGracePeriodSeconds?: number;
    tolerations?: Record<string, unknown>[];
    volumes?: ({ name: string } & Record<string, unknown>)[];
    initContainers?: Container[];
    containers: Container[];
  };
  status?: {
    phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
    reason?: string;
    message?: string;
    conditions?: Condition[];
    startTime?: string;
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
};

export type ClusterRoleBinding = KubeObject & {
  roleRef: { apiGroup: string; kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string; apiGroup?: string }[];
};

export type ImageStream = KubeObject & {
  spec?: { tags?: { name: string; from?: { kind: string; name: string } }[] };
  status?: {
    dockerImageRepository?: string;
    tags?: {
      tag: string;
      items?: { created?: string; dockerImageReference?: string; image?: string; generation?: number }[] | null;
    }[];
  };
};

export type ClusterVersion = KubeObject & {
  spec?: { clusterID?: string };
  status?: {
    desired?: { version?: string };
    history?: { state?: string; version?: string; startedTime?: string; completionTime?: string | null }[];
    conditions?: Condition[];
  };
};

export type ClusterOperator = KubeObject & { status?: { conditions?: Condition[] } };

export type Infrastructure = KubeObject & {
  status?: {
    infrastructureName?: string;
    apiServerURL?: string;
    platform?: string;
    platformStatus?: { type?: string };
  };
};

export type ClusterServiceVersion = KubeObject & {
  spec?: { displayName?: string; version?: string };
  status?: { phase?: string; message?: string };
};

export type ConfigMap = KubeObject & { data?: Record<string, string> };

/** Values in base64. */
export type Secret = KubeObject & { type?: string; data?: Record<string, string> };

export type Deployment = KubeObject & { spec?: { replicas?: number }; status?: { availableReplicas?: number } };

export type DaemonSet = KubeObject & { status?: { desiredNumberScheduled?: number; numberAvailable?: number } };

export type SelfSubjectAccessReview = KubeObject & {
  spec: { resourceAttributes: { group: string; resource: string; verb: string; namespace?: string } };
  status?: { allowed: boolean; reason?: string };
};

/** Of core/v1, where those of events.k8s.io stand as well: with `eventTime` and `series` instead of the older fields. */
export type Event = KubeObject & {
  involvedObject: {
    apiVersion?: string;
    kind?: string;
    name?: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string | undefined;
  };
  type?: string;
  reason?: string;
  message?: string;
  source?: { component?: string };
  reportingComponent?: string;
  reportingInstance?: string;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  count?: number;
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string };
};

/** Who somebody is, as a TokenReview tells it and a SubjectAccessReview asks. */
export type UserInfo = {
  username?: string;
  uid?: string | undefined;
  groups?: string[] | undefined;
  extra?: Record<string, string[]> | undefined;
};

export type TokenReview = KubeObject & {
  spec: { token: string; audiences?: string[] };
  status?: { authenticated?: boolean; user?: UserInfo; audiences?: string[]; error?: string };
};

export type SubjectAccessReview = KubeObject & {
  spec: Omit<UserInfo, 'username'> & { user: string } & (
      | SelfSubjectAccessReview['spec']
      | { nonResourceAttributes: { path: string; verb: string } }
    );
  status?: { allowed: boolean; reason?: string };
};

export type Lease = KubeObject & {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    /** RFC 3339 with microseconds. */
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
};

export const namespaces: Kind<Namespace> = core('namespaces', 'Namespace', false);
export const nodes: Kind<Node> = core('nodes', 'Node', false);
export const pods: Kind<Pod> = core('pods', 'Pod', true);
export const configMaps: Kind<ConfigMap> = core('configmaps', 'ConfigMap', true);
export const secrets: Kind<Secret> = core('secrets', 'Secret', true);
export const events: Kind<Event> = core('events', 'Event', true);
export const deployments: Kind<Deployment> = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};
export const daemonSets: Kind<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
};
export const clusterRoleBindings: Kind<ClusterRoleBinding> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
};
export const imageStreams: Kind<ImageStream> = {
  group: 'image.openshift.io',
  version: 'v1',
  plural: 'imagestreams',
  kind: 'ImageStream',
  namespaced: true,
};
export const clusterVersions: Kind<ClusterVersion> = {
  group: 'config.openshift.io',
  version: 'v1',
  plural: 'clusterversions',
  kind: 'ClusterVersion',
  namespaced: false,
};
export const clusterOperators: Kind<ClusterOperator> = {
  group: 'config.openshift.io',
  version: 'v1',
  plural: 'clusteroperators',
  kind: 'ClusterOperator',
  namespaced: false,
};
export const infrastructures: Kind<Infrastructure> = {
  group: 'config.openshift.io',
  version: 'v1',
  plural: 'infrastructures',
  kind: 'Infrastructure',
  namespaced: false,
};
export const clusterServiceVersions: Kind<ClusterServiceVersion> = {
  group: 'operators.coreos.com',
  version: 'v1alpha1',
  plural: 'clusterserviceversions',
  kind: 'ClusterServiceVersion',
  namespaced: true,
};
export const leases: Kind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};
export const tokenReviews: Kind<TokenReview> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
};
export const subjectAccessReviews: Kind<SubjectAccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
};
export const selfSubjectAccessReviews: Kind<SelfSubjectAccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
};

function core<T extends KubeObject>(plural: string, kind: string, namespaced: boolean): Kind<T> {
  return { group: '', version: 'v1', plural, kind, namespaced };
}
