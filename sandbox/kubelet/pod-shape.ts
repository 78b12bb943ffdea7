import type { ContainerStatus } from '../../src/kube/kinds.ts';
import type { Stored } from '../resource.ts';

/** The fields of a pod that the sandbox acts on; every other field is kept and not looked at. */
export type SandboxPod = Stored & { readonly spec: PodSpec; readonly status?: PodStatus };

export type PodSpec = {
  readonly nodeName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: { readonly nodeAffinity?: NodeAffinity };
  readonly tolerations?: readonly Toleration[];
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  readonly serviceAccountName?: string;
  readonly activeDeadlineSeconds?: number;
  readonly terminationGracePeriodSeconds?: number;
  readonly hostname?: string;
  readonly volumes?: readonly Volume[];
  readonly initContainers?: readonly ContainerSpec[];
  readonly containers: readonly ContainerSpec[];
};

export type NodeAffinity = {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms: readonly SelectorTerm[] };
};
export type SelectorTerm = {
  readonly matchExpressions?: readonly Requirement[];
  readonly matchFields?: readonly Requirement[];
};
export type Requirement = { readonly key: string; readonly operator: string; readonly values?: readonly string[] };
export type Toleration = {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
};

export type ContainerSpec = {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly EnvEntry[];
  readonly envFrom?: readonly EnvSource[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly terminationMessagePath?: string;
  readonly terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';
};

type KeyRef = { readonly name: string; readonly key: string; readonly optional?: boolean };
export type EnvEntry = {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly configMapKeyRef?: KeyRef;
    readonly secretKeyRef?: KeyRef;
  };
};
type NameRef = { readonly name: string; readonly optional?: boolean };
export type EnvSource = {
  readonly prefix?: string;
  readonly configMapRef?: NameRef;
  readonly secretRef?: NameRef;
};
export type VolumeMount = {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
};

type Items = readonly { readonly key: string; readonly path: string }[];
type FieldItems = readonly { readonly path: string; readonly fieldRef?: { readonly fieldPath: string } }[];
export type Volume = {
  readonly name: string;
  readonly emptyDir?: { readonly sizeLimit?: string | number };
  readonly configMap?: { readonly name: string; readonly items?: Items; readonly optional?: boolean };
  readonly secret?: { readonly secretName: string; readonly items?: Items; readonly optional?: boolean };
  readonly downwardAPI?: { readonly items?: FieldItems };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly projected?: { readonly sources?: readonly Projection[] };
};
export type Projection = {
  readonly serviceAccountToken?: {
    readonly path: string;
    readonly audience?: string;
    readonly expirationSeconds?: number;
  };
  readonly configMap?: { readonly name: string; readonly items?: Items; readonly optional?: boolean };
  readonly secret?: { readonly name: string; readonly items?: Items; readonly optional?: boolean };
  readonly downwardAPI?: { readonly items?: FieldItems };
};

export type PodCondition = {
  type: string;
  status: 'True' | 'False';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
};
export type PodStatus = {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly PodCondition[];
  readonly startTime?: string;
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly [field: string]: unknown;
};
