import { describe, expect, it } from 'vitest';
import type { Component } from '../../../src/report/rest-components.ts';
import { ALERT_NAMES, componentsOfAlert } from './alerts.ts';

const component = (name: string, kind: Component['kind']) =>
  ({ name, kind, title: name, image: 'test.invalid/i' }) as Component;
const cluster = component('cluster', 'Cluster');
const registry = component('image-registry', 'ClusterOperator');
const virtualization = component('kubevirt-hyperconverged-operator', 'ClusterServiceVersion');
const storage = component('odf-operator.v4.22.0', 'ClusterServiceVersion');
const known = [cluster, registry, virtualization, storage];

describe('what an alert is about', () => {
  it.each([
    ['ClusterOperatorDegraded', { name: 'image-registry', namespace: 'openshift-cluster-version' }, ['image-registry']],
    // One without a gather image of its own is in the cluster's report.
    ['ClusterOperatorDegraded', { name: 'dns' }, ['cluster']],
    ['ClusterOperatorDown', {}, ['cluster']],
    ['HCOOperatorConditionsUnhealthy', {}, ['kubevirt-hyperconverged-operator']],
    ['KubePodCrashLooping', { namespace: 'openshift-cnv', pod: 'virt-api' }, ['kubevirt-hyperconverged-operator']],
    ['KubePodCrashLooping', { namespace: 'openshift-storage' }, ['odf-operator.v4.22.0']],
    ['KubePodCrashLooping', { namespace: 'somebody' }, ['cluster']],
    ['CephClusterErrorState', { namespace: 'openshift-storage' }, ['odf-operator.v4.22.0']],
    // Nobody knows it: only its namespace tells.
    ['SomethingElse', { namespace: 'openshift-cnv' }, ['kubevirt-hyperconverged-operator']],
  ])('%s %o: %o', (name, labels, expected) => {
    expect(componentsOfAlert(name, labels, known)).toEqual(expected);
  });

  it('is the cluster where its operator is not installed, and nothing where not even that is known', () => {
    expect(componentsOfAlert('VirtControllerDown', {}, [cluster, storage])).toEqual(['cluster']);
    expect(componentsOfAlert('VirtControllerDown', {}, [])).toEqual([]);
  });

  it('has each alert once: the console takes one action for each name', () => {
    expect(new Set(ALERT_NAMES).size).toBe(ALERT_NAMES.length);
  });
});
