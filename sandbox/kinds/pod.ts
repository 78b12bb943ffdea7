import { fieldAt, isRecord, type Resource, type Stored, textOf } from '../resource.ts';
import { invalid } from '../status.ts';

export const pods: Resource = {
  group: '',
  version: 'v1',
  plural: 'pods',
  kind: 'Pod',
  namespaced: true,
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  hasStatus: true,
  fields: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  columns: [
    { name: 'Ready', cell: readyCount },
    { name: 'Status', cell: shownStatus },
    { name: 'Restarts', cell: (pod) => statuses(pod).reduce((sum, { restartCount }) => sum + Number(restartCount), 0) },
    { name: 'Node', cell: (pod) => textOf(fieldAt(pod, 'spec.nodeName')) },
  ],
  prepare(pod) {
    checkContainers(pod);
    pod.spec = {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      schedulerName: 'default-scheduler',
      ...(pod.spec as object),
    };
    pod.status = { phase: 'Pending', qosClass: 'BestEffort' };
  },
  // A pod that no node has taken, or that has ended, has nobody to wait for.
  graceSeconds(pod) {
    const phase = fieldAt(pod, 'status.phase');
    if (!fieldAt(pod, 'spec.nodeName') || phase === 'Succeeded' || phase === 'Failed') return 0;
    return Number(fieldAt(pod, 'spec.terminationGracePeriodSeconds') ?? 30);
  },
};

function checkContainers(pod: Stored): void {
  const containers = fieldAt(pod, 'spec.containers');
  const refuse = (field: string) =>
    invalid(pods, pod.metadata.name ?? '', [{ reason: 'FieldValueRequired', message: 'Required value', field }]);
  if (!Array.isArray(containers) || containers.length === 0) throw refuse('spec.containers');
  for (const [index, container] of containers.entries()) {
    if (!isRecord(container) || !container.name) throw refuse(`spec.containers[${index}].name`);
    if (!container.image) throw refuse(`spec.containers[${index}].image`);
  }
}

function statuses(pod: Stored): Record<string, unknown>[] {
  const found = fieldAt(pod, 'status.containerStatuses');
  return Array.isArray(found) ? found.filter(isRecord) : [];
}

function readyCount(pod: Stored): string {
  const containers = fieldAt(pod, 'spec.containers');
  const total = Array.isArray(containers) ? containers.length : 0;
  return `${statuses(pod).filter(({ ready }) => ready === true).length}/${total}`;
}

/** What kubectl shows: the reason of the pod, else that of the container which is not as it should be, else the phase. */
function shownStatus(pod: Stored): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const reasons = statuses(pod).flatMap((status) => {
    const waiting = fieldAt(status, 'state.waiting.reason');
    const terminated = fieldAt(status, 'state.terminated.reason');
    return [waiting, terminated].filter((reason) => reason !== undefined);
  });
  return textOf(fieldAt(pod, 'status.reason') ?? reasons[0] ?? fieldAt(pod, 'status.phase'));
}
