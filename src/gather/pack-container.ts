import type { Container } from '../kube/kinds.ts';
import { INGEST_AUDIENCE } from './ingest.ts';
import type { GatherPodRequest } from './pod.ts';
import { CONTROL_DIR } from './wrapper.ts';

export const PACK_CONTAINER = 'pack';

export type PackerRequest = {
  /** Muster's own. */
  readonly image: string;
  /** Where the server takes parts, as pods reach it. */
  readonly ingestUrl: string;
  /** PEM; what its certificate is checked with. */
  readonly ingestCa: string;
};

/** Where Kubernetes puts the token of the pod's account unless something is mounted there: this is a far stronger one. */
const TOKEN_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';
const PACK_DIR = '/pack';
/** Renewed by the kubelet when four fifths of it are over. */
const TOKEN_SECONDS = 3600;

/** What the packer needs beside the gather's own volumes. */
export function packerVolumes(): ({ name: string } & Record<string, unknown>)[] {
  const serviceAccountToken = { audience: INGEST_AUDIENCE, expirationSeconds: TOKEN_SECONDS, path: 'token' };
  return [
    { name: 'muster-pack', emptyDir: {} },
    { name: 'muster-token', projected: { sources: [{ serviceAccountToken }] } },
  ];
}

/**
 * The packer: reads everything, as gathers leave files that only root may read, and may do nothing else. It holds no
 * token but one that is worth nothing to anybody but Muster's ingest.
 */
export function packContainer(request: GatherPodRequest, packer: PackerRequest): Container {
  return {
    name: PACK_CONTAINER,
    image: packer.image,
    imagePullPolicy: 'IfNotPresent',
    args: ['pack'],
    env: [
      { name: 'MUSTER_INGEST_URL', value: packer.ingestUrl },
      { name: 'MUSTER_INGEST_CA', value: packer.ingestCa },
      { name: 'MUSTER_INGEST_TOKEN_FILE', value: `${TOKEN_DIR}/token` },
      { name: 'MUSTER_SOURCE_DIR', value: request.sourceDir.replaceAll('$', () => '$$') },
      { name: 'MUSTER_CONTROL_DIR', value: CONTROL_DIR },
      { name: 'MUSTER_PACK_DIR', value: PACK_DIR },
      // What keeps it under 128 MB (docs/performance.md).
      { name: 'NODE_OPTIONS', value: '--max-semi-space-size=1 --max-old-space-size=32' },
    ],
    volumeMounts: [
      { name: 'must-gather-output', mountPath: request.sourceDir, readOnly: true },
      { name: 'muster-control', mountPath: CONTROL_DIR },
      { name: 'muster-pack', mountPath: PACK_DIR },
      { name: 'muster-token', mountPath: TOKEN_DIR, readOnly: true },
    ],
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      runAsUser: 0,
      runAsNonRoot: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH'] },
    },
  };
}
