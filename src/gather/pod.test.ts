import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GatherPodRequest, gatherPod } from './pod.ts';
import { COPY_SCRIPT, GATHER_SCRIPT } from './wrapper.ts';

const plain: GatherPodRequest = {
  gatherName: 'cluster',
  namespace: 'openshift-must-gather-x',
  image: 'quay.io/openshift/must-gather:v1',
  command: '/usr/bin/gather',
  sourceDir: '/must-gather',
  timeoutMs: 600_000,
  volumePercentage: 70,
  hostNetwork: false,
  placement: { candidates: [], controlPlane: false },
  marks: { labels: { 'muster.dev/report': 'x7k2p' }, annotations: { 'muster.dev/process': 'here/1' } },
};

function envOf(request: GatherPodRequest): Record<string, string | undefined> {
  const [gather] = gatherPod(request).spec.containers;
  return Object.fromEntries(
    (gather?.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.fieldRef.fieldPath]),
  );
}

/** What Kubernetes makes of `$(NAME)` and `$$` in commands and values (third_party/forked/golang/expansion). */
function expanded(text: string, known: Readonly<Record<string, string>> = {}): string {
  let result = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] !== '$' || at + 1 === text.length) {
      result += text[at];
      continue;
    }
    const close = text.indexOf(')', at);
    if (text[at + 1] === '$') {
      result += '$';
      at += 1;
    } else if (text[at + 1] === '(' && close !== -1) {
      const name = text.slice(at + 2, close);
      result += known[name] ?? `$(${name})`;
      at = close;
    } else {
      result += '$';
    }
  }
  return result;
}

describe('the pod as oc makes it (reference §2.4), with what the design changes', () => {
  const pod = gatherPod(plain);
  const [gather, copy] = pod.spec.containers;

  test('what it is called and marked with', () => {
    expect(pod.metadata).toEqual({
      generateName: 'must-gather-',
      namespace: 'openshift-must-gather-x',
      labels: { app: 'must-gather', 'muster.dev/report': 'x7k2p', 'muster.dev/gather': 'cluster' },
      annotations: { 'muster.dev/process': 'here/1' },
    });
  });

  test('how it is placed, and how it ends', () => {
    expect(pod.spec).toMatchObject({
      priorityClassName: 'system-cluster-critical',
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 30,
      tolerations: [{ operator: 'Exists' }],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
    });
    expect(pod.spec.activeDeadlineSeconds).toBeGreaterThan(2 * 600);
    for (const absent of ['hostNetwork', 'dnsPolicy', 'affinity', 'nodeName', 'serviceAccountName', 'hostPID']) {
      expect(pod.spec).not.toHaveProperty(absent);
    }
  });

  test('two containers of one image: gather and copy, with the same volumes', () => {
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(['gather', 'copy']);
    for (const container of [gather, copy]) {
      expect(container).toMatchObject({
        image: plain.image,
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [
          { name: 'must-gather-output', mountPath: '/must-gather' },
          { name: 'muster-control', mountPath: '/.muster' },
        ],
      });
      expect(container).not.toHaveProperty('resources');
      expect(container).not.toHaveProperty('securityContext');
    }
    expect(copy).not.toHaveProperty('env');
    expect(pod.spec.volumes).toEqual([
      { name: 'must-gather-output', emptyDir: {} },
      { name: 'muster-control', emptyDir: {} },
    ]);
  });

  test("the wrapper is the command, and the person's command only a value", () => {
    expect(gather?.command?.slice(0, 2)).toEqual(['/bin/bash', '-c']);
    expect(expanded(gather?.command?.[2] ?? '')).toBe(GATHER_SCRIPT);
    expect(expanded(copy?.command?.[2] ?? '')).toBe(COPY_SCRIPT);
  });

  test('what the gather is told', () => {
    expect(envOf(plain)).toEqual({
      NODE_NAME: 'spec.nodeName',
      POD_NAME: 'metadata.name',
      MUSTER_COMMAND: '/usr/bin/gather',
      MUSTER_SOURCE_DIR: '/must-gather',
      MUSTER_CONTROL_DIR: '/.muster',
      MUSTER_TIMEOUT_SECONDS: '600',
      MUSTER_VOLUME_PERCENTAGE: '70',
    });
    expect(envOf({ ...plain, since: '1h30m0s' })).toMatchObject({ MUST_GATHER_SINCE: '1h30m0s' });
    expect(envOf({ ...plain, sinceTime: '2026-11-21T10:00:00Z' })).toMatchObject({
      MUST_GATHER_SINCE_TIME: '2026-11-21T10:00:00Z',
    });
    expect(envOf({ ...plain, timeoutMs: 500 })).toMatchObject({ MUSTER_TIMEOUT_SECONDS: '1' });
  });
});

describe('what a person may ask for', () => {
  test("the node's network: its names too, and raw sockets for the gather alone", () => {
    const { spec } = gatherPod({ ...plain, hostNetwork: true });
    expect(spec).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
    expect(spec.containers[0]?.securityContext).toEqual({ capabilities: { add: ['CAP_NET_RAW'] } });
    expect(spec.containers[1]).not.toHaveProperty('securityContext');
  });

  test('a node: the scheduler is passed by', () => {
    const { spec } = gatherPod({ ...plain, nodeName: 'n1', placement: { candidates: ['n2'], controlPlane: true } });
    expect(spec).toMatchObject({ nodeName: 'n1', nodeSelector: { 'kubernetes.io/os': 'linux' } });
    expect(spec).not.toHaveProperty('affinity');
  });

  test('candidates by the name of the node, not by its label', () => {
    const { spec } = gatherPod({ ...plain, placement: { candidates: ['n1', 'n2'], controlPlane: true } });
    expect(spec.nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', 'node-role.kubernetes.io/control-plane': '' });
    const term = (name: string) => ({ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] });
    expect(spec.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term('n1'), term('n2')] },
      },
    });
  });
});

describe("a command arrives as it was written, past Kubernetes' own expansion", () => {
  test.each(['echo $(NODE_NAME)', 'echo $$', 'a $', '$$(POD_NAME)', '$(', '$$$(A)$', 'cost: 5$ `x` "\'\t\n'])(
    '%j',
    (command) => {
      const known = { NODE_NAME: 'n1', POD_NAME: 'p', A: 'a' };
      expect(expanded(envOf({ ...plain, command }).MUSTER_COMMAND ?? '', known)).toBe(command);
    },
  );

  test('property: any text', () => {
    const piece = fc.oneof(
      fc.constantFrom('$', '$$', '$(', '$(NODE_NAME)', ')', '(', ' '),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const command = pieces.join('');
        const { MUSTER_COMMAND = '', MUSTER_SOURCE_DIR = '' } = envOf({ ...plain, command, sourceDir: `/${command}` });
        expect(expanded(MUSTER_COMMAND, { NODE_NAME: 'n1' })).toBe(command);
        expect(expanded(MUSTER_SOURCE_DIR, { NODE_NAME: 'n1' })).toBe(`/${command}`);
      }),
    );
  });
});
