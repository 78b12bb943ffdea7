import type { EnvVar, Pod } from '../kube/kinds.ts';
import type { RunMarks } from './namespace.ts';
import type { Placement } from './nodes.ts';
import { type PackerRequest, packContainer, packerVolumes } from './pack-container.ts';
import { CONTROL_DIR, COPY_SCRIPT, GATHER_SCRIPT } from './wrapper.ts';

export const GATHER_CONTAINER = 'gather';
export const COPY_CONTAINER = 'copy';
/** The gather that a pod belongs to, by its name in the report. */
const GATHER_LABEL = 'muster.dev/gather';

/** Copying tens of GiB through the API takes hours on a slow line; a pod that nobody removed must still end some day. */
const LONGEST_COPY_SECONDS = 6 * 3600;
/** A pod that is told to go gets this long: time for the gather to stop and for a packer to flush. */
const GRACE_SECONDS = 30;

export type GatherPodRequest = {
  readonly gatherName: string;
  /** One that this gather alone has: whoever comes again finds the pod that is there. The cluster names it otherwise. */
  readonly podName?: string | undefined;
  readonly namespace: string;
  readonly image: string;
  /** Shell text, as in `oc adm must-gather -- COMMAND`. */
  readonly command: string;
  readonly sourceDir: string;
  readonly timeoutMs: number;
  readonly volumePercentage: number;
  /** Go duration in canonical form. */
  readonly since?: string | undefined;
  /** RFC 3339, as it was written. */
  readonly sinceTime?: string | undefined;
  readonly hostNetwork: boolean;
  /** One node by name, or nodes to choose from. */
  readonly nodeName?: string | undefined;
  readonly placement: Placement;
  readonly marks: RunMarks;
  /** Packs beside the gather and brings the part to the server. */
  readonly packer?: PackerRequest | undefined;
};

/**
 * The pod of one gather: as oc makes it (reference §2.4), but with the wrapper as PID 1, a small volume through which
 * the gather is told to stop, a grace period, and an end of its own.
 */
export function gatherPod(request: GatherPodRequest): Pod {
  const volumeMounts = [
    { name: 'must-gather-output', mountPath: request.sourceDir },
    { name: 'muster-control', mountPath: CONTROL_DIR },
  ];
  const common = {
    image: request.image,
    imagePullPolicy: 'IfNotPresent' as const,
    terminationMessagePolicy: 'FallbackToLogsOnError' as const,
    volumeMounts,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(request.podName === undefined ? { generateName: 'must-gather-' } : { name: request.podName }),
      namespace: request.namespace,
      labels: { app: 'must-gather', ...request.marks.labels, [GATHER_LABEL]: request.gatherName },
      annotations: { ...request.marks.annotations },
    },
    spec: {
      ...placementOf(request),
      ...(request.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
      priorityClassName: 'system-cluster-critical',
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: GRACE_SECONDS,
      activeDeadlineSeconds: 2 * Math.ceil(request.timeoutMs / 1000) + LONGEST_COPY_SECONDS,
      tolerations: [{ operator: 'Exists' }],
      volumes: [
        { name: 'must-gather-output', emptyDir: {} },
        { name: 'muster-control', emptyDir: {} },
        ...(request.packer === undefined ? [] : packerVolumes()),
      ],
      containers: [
        {
          ...common,
          name: GATHER_CONTAINER,
          command: ['/bin/bash', '-c', literal(GATHER_SCRIPT)],
          env: gatherEnv(request),
          ...(request.hostNetwork ? { securityContext: { capabilities: { add: ['CAP_NET_RAW'] } } } : {}),
        },
        { ...common, name: COPY_CONTAINER, command: ['/bin/bash', '-c', literal(COPY_SCRIPT)] },
        ...(request.packer === undefined ? [] : [packContainer(request, request.packer)]),
      ],
    },
  };
}

function gatherEnv(request: GatherPodRequest): EnvVar[] {
  const env: EnvVar[] = [
    { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'MUSTER_COMMAND', value: literal(request.command) },
    { name: 'MUSTER_SOURCE_DIR', value: literal(request.sourceDir) },
    { name: 'MUSTER_CONTROL_DIR', value: CONTROL_DIR },
    { name: 'MUSTER_TIMEOUT_SECONDS', value: String(Math.ceil(request.timeoutMs / 1000)) },
    { name: 'MUSTER_VOLUME_PERCENTAGE', value: String(request.volumePercentage) },
  ];
  if (request.since !== undefined) env.push({ name: 'MUST_GATHER_SINCE', value: request.since });
  if (request.sinceTime !== undefined) env.push({ name: 'MUST_GATHER_SINCE_TIME', value: request.sinceTime });
  return env;
}

/** Kubernetes expands `$(NAME)` in commands and in values of variables, where `$$` stands for one `$`. */
function literal(value: string): string {
  return value.replaceAll('$', () => '$$');
}

function placementOf({ nodeName, placement }: GatherPodRequest): Partial<Pod['spec']> {
  if (nodeName !== undefined) return { nodeName, nodeSelector: { 'kubernetes.io/os': 'linux' } };
  const nodeSelector = {
    'kubernetes.io/os': 'linux',
    ...(placement.controlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
  };
  if (placement.candidates.length === 0) return { nodeSelector };
  // By the node's name, not by its hostname label as oc does: the two may differ. A field term takes one value only.
  const nodeSelectorTerms = placement.candidates.map((name) => ({
    matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }],
  }));
  return {
    nodeSelector,
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  };
}
