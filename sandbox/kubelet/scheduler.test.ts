import { describe, expect, it } from 'vitest';
import type { Stored } from '../resource.ts';
import type { PodSpec } from './pod-shape.ts';
import { place } from './scheduler.ts';

const node = (name: string, labels: Record<string, string> = {}, spec: object = {}): Stored => ({
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
  spec,
});
const nodes = [
  node('control', { role: 'control' }, { taints: [{ key: 'node-role', effect: 'NoSchedule' }] }),
  node('one', { role: 'worker', size: '4' }),
  node('two', { role: 'worker', size: '8' }, { unschedulable: true }),
];
const placed = (spec: Partial<PodSpec>) => place({ containers: [], ...spec }, nodes, () => 0);
const required = (term: object) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } },
});
const everything = [{ operator: 'Exists' }];

describe('the node of a pod', () => {
  it('is one that takes it', () => expect(placed({})).toEqual({ nodeName: 'one' }));
  it('may be tainted, where the pod tolerates that', () => {
    expect(placed({ tolerations: everything, nodeSelector: { role: 'control' } })).toEqual({ nodeName: 'control' });
    const tolerations = [{ key: 'node-role', effect: 'NoSchedule', operator: 'Exists' }];
    expect(placed({ tolerations, nodeSelector: { role: 'control' } })).toEqual({ nodeName: 'control' });
  });
  it.each([
    [{ matchExpressions: [{ key: 'role', operator: 'In', values: ['control', 'x'] }] }, 'control'],
    [{ matchExpressions: [{ key: 'size', operator: 'Gt', values: ['5'] }] }, 'two'],
    [{ matchExpressions: [{ key: 'size', operator: 'DoesNotExist' }] }, 'control'],
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['two'] }] }, 'two'],
  ])('is the one of an affinity: %j', (term, nodeName) => {
    expect(placed({ tolerations: everything, ...required(term) })).toEqual({ nodeName });
  });
  it('is the one with the fewest pods', () => {
    const pods: Record<string, number> = { control: 3, one: 2, two: 1 };
    const spec = { containers: [], tolerations: everything };
    expect(place(spec, nodes, (name) => pods[name] ?? 0)).toEqual({ nodeName: 'two' });
  });
  it('is none, and it is said why', () => {
    expect(placed({ nodeSelector: { role: 'worker', size: '8' } })).toEqual({
      why: "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {node-role: }, 1 node(s) were unschedulable.",
    });
  });
});
