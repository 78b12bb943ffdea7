import type { Alert, K8sResourceCommon } from '@openshift-console/dynamic-plugin-sdk';
import { useMemo } from 'react';
import { useK8sWatchResource } from './use-watch.ts';

type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime: string;
};

type WithConditions = K8sResourceCommon & { readonly status?: { readonly conditions?: readonly Condition[] } };

const OPERATORS = { kind: 'config.openshift.io~v1~ClusterOperator', isList: true };
const HYPERCONVERGED = { kind: 'hco.kubevirt.io~v1beta1~HyperConverged', isList: true };

/** Operators of the cluster itself, and those that are not well. */
export function useOperators(): { readonly all: readonly WithConditions[]; readonly ill: readonly WithConditions[] } {
  const [all] = useK8sWatchResource<WithConditions[]>(OPERATORS);
  return { all, ill: all.filter((operator) => conditionOf(operator, 'Degraded', 'True') !== undefined) };
}

/**
 * The alerts that fire by the rules of the cluster-version-operator and the hyperconverged-cluster-operator, worked out from
 * what the API tells of this cluster: there is no Prometheus here, and nothing is made up.
 */
export function useAlerts(): readonly Alert[] {
  const { ill } = useOperators();
  const [hyperconverged] = useK8sWatchResource<WithConditions[]>(HYPERCONVERGED);
  return useMemo(
    () => [
      ...ill.flatMap((operator) => {
        const condition = conditionOf(operator, 'Degraded', 'True');
        const labels = { name: operator.metadata?.name ?? '', namespace: 'openshift-cluster-version' };
        return condition === undefined ? [] : [alertOf('ClusterOperatorDegraded', labels, condition)];
      }),
      ...hyperconverged.flatMap((object) => {
        const condition = conditionOf(object, 'Degraded', 'True');
        const labels = { namespace: object.metadata?.namespace ?? '', kubernetes_operator_part_of: 'kubevirt' };
        return condition === undefined ? [] : [alertOf('HCOOperatorConditionsUnhealthy', labels, condition)];
      }),
    ],
    [ill, hyperconverged],
  );
}

function conditionOf({ status }: WithConditions, type: string, value: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type && condition.status === value);
}

function alertOf(name: string, more: Record<string, string>, condition: Condition): Alert {
  const labels = { alertname: name, severity: 'warning', prometheus: 'openshift-monitoring/k8s', ...more };
  const annotations = { description: condition.message ?? '', summary: condition.reason ?? '' };
  return {
    labels,
    annotations,
    state: 'firing',
    activeAt: condition.lastTransitionTime,
    rule: { name, id: name, duration: 0, query: '', labels, annotations, alerts: [], type: 'alerting' },
  } as unknown as Alert;
}
