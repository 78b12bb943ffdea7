import { expect, test } from 'vitest';
import type { Node } from '../kube/kinds.ts';
import { chooseNodes } from './nodes.ts';

type Shape = {
  name: string;
  controlPlane?: boolean;
  ready?: boolean;
  cordoned?: boolean;
  lost?: boolean;
  beat?: string;
};

function node({ name, controlPlane = false, ready = true, cordoned = false, lost = false, beat = '' }: Shape): Node {
  return {
    metadata: { name, labels: controlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {} },
    spec: {
      unschedulable: cordoned,
      taints: lost ? [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] : [],
    },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastHeartbeatTime: beat }] },
  };
}

test.each<[string, Shape[], string[], boolean]>([
  ['control-plane nodes before workers', [{ name: 'w' }, { name: 'c', controlPlane: true }], ['c'], true],
  [
    'ready ones before those that are not',
    [
      { name: 'c1', controlPlane: true, ready: false },
      { name: 'c2', controlPlane: true },
    ],
    ['c2'],
    true,
  ],
  [
    'all control-plane nodes when none is well',
    [{ name: 'c1', controlPlane: true, ready: false }, { name: 'c2', controlPlane: true, lost: true }, { name: 'w' }],
    ['c1', 'c2'],
    true,
  ],
  ['workers where no control plane shows', [{ name: 'w1' }, { name: 'w2', cordoned: true }], ['w1'], false],
  [
    'cordoned workers before lost ones',
    [
      { name: 'w1', lost: true },
      { name: 'w2', cordoned: true },
    ],
    ['w2'],
    false,
  ],
  ['anything rather than nothing', [{ name: 'w1', ready: false }], ['w1'], false],
  [
    'newest heartbeat first',
    [
      { name: 'a', beat: '2026-01-01T00:00:00Z' },
      { name: 'b', beat: '2026-01-02T00:00:00Z' },
    ],
    ['b', 'a'],
    false,
  ],
  ['no nodes: the scheduler decides', [], [], false],
])('%s', (_, shapes, candidates, controlPlane) => {
  expect(chooseNodes(shapes.map(node))).toEqual({ candidates, controlPlane });
});

test('at most ten', () => {
  const many = Array.from({ length: 30 }, (_, number) => node({ name: `w${number}` }));
  expect(chooseNodes(many).candidates).toHaveLength(10);
});
