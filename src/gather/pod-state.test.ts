import { describe, expect, test } from 'vitest';
import type { ContainerState, Pod } from '../kube/kinds.ts';
import { isCopyGone, podState } from './pod-state.ts';

type Status = NonNullable<Pod['status']>;

function pod(gather: ContainerState | undefined, status: Status = {}, nodeName = 'n1'): Pod {
  const containerStatuses = [
    // The kubelet sorts by name: the gather is not the first.
    { name: 'copy', imageID: 'q/copy@sha256:1', state: { running: {} } },
    ...(gather === undefined ? [] : [{ name: 'gather', imageID: 'q/gather@sha256:2', state: gather }]),
  ];
  return { metadata: { name: 'p' }, spec: { nodeName, containers: [] }, status: { containerStatuses, ...status } };
}

const where = { imageID: 'q/gather@sha256:2', node: 'n1' };

describe('the stage of a gather, from its pod', () => {
  test.each<[string, Pod | undefined, object]>([
    ['gone', undefined, { stage: 'lost', reason: 'PodDeleted' }],
    ['running', pod({ running: {} }), { stage: 'running', ...where }],
    [
      'ended well',
      pod({ terminated: { exitCode: 0, reason: 'Completed' } }),
      { stage: 'ended', ...where, exitCode: 0 },
    ],
    [
      'ended with a code, and words',
      pod({ terminated: { exitCode: 3, reason: 'Error', message: 'no ceph', finishedAt: '2026-11-21T10:00:00Z' } }),
      { stage: 'ended', exitCode: 3, reason: 'Error', message: 'no ceph', finishedAt: '2026-11-21T10:00:00Z' },
    ],
    [
      'ended before the pod was evicted: its end is what counts',
      pod({ terminated: { exitCode: 0 } }, { phase: 'Failed', reason: 'Evicted' }),
      { stage: 'ended', exitCode: 0 },
    ],
    [
      'evicted, and nobody knows how it ended',
      pod(
        { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
        { phase: 'Failed', reason: 'Evicted', message: 'The node was low on ephemeral-storage' },
      ),
      { stage: 'lost', reason: 'Evicted', message: 'The node was low on ephemeral-storage' },
    ],
    [
      'refused by the kubelet',
      pod(undefined, { phase: 'Failed', reason: 'NodeAffinity', containerStatuses: [] }),
      { stage: 'lost', reason: 'PodDeleted', message: 'the pod failed: NodeAffinity' },
    ],
    [
      'a pull that fails may pass',
      pod({ waiting: { reason: 'ErrImagePull', message: 'no such host' } }),
      { stage: 'starting', pullProblem: 'may pass', message: 'unable to pull image: ErrImagePull: no such host' },
    ],
    [
      'a name that is none does not pass',
      pod({ waiting: { reason: 'InvalidImageName', message: 'bad' } }),
      { stage: 'starting', pullProblem: 'hopeless' },
    ],
    [
      'a container that cannot be made',
      pod({ waiting: { reason: 'CreateContainerConfigError', message: 'no secret' } }),
      { stage: 'starting', message: 'CreateContainerConfigError: no secret' },
    ],
    [
      'being made',
      pod({ waiting: { reason: 'ContainerCreating' } }),
      { stage: 'starting', message: 'the container is being created' },
    ],
    [
      'not placed yet',
      pod(undefined, { containerStatuses: [] }, ''),
      { stage: 'starting', message: 'the pod is being placed' },
    ],
    [
      'no node has room',
      pod(
        undefined,
        { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }] },
        '',
      ),
      { stage: 'starting', message: 'no node for the pod yet: 0/3 nodes are available' },
    ],
  ])('%s', (_, given, expected) => {
    expect(podState(given)).toMatchObject(expected);
  });

  test('only a pull is a pull problem', () => {
    expect(podState(pod({ waiting: { reason: 'CreateContainerError' } }))).not.toHaveProperty('pullProblem');
  });
});

test.each<[string, Pod | undefined, boolean]>([
  ['a pod that runs', pod({ running: {} }), false],
  ['a pod that is gone', undefined, true],
  ['a pod that failed', pod({ running: {} }, { phase: 'Failed' }), true],
  [
    'a copy container that ended',
    pod(undefined, { containerStatuses: [{ name: 'copy', state: { terminated: { exitCode: 137 } } }] }),
    true,
  ],
])('whether files can still be asked for: %s', (_, given, gone) => {
  expect(isCopyGone(given, 'copy')).toBe(gone);
});
