import { isAlreadyExists } from '../kube/errors.ts';
import type { Kind, KubeObject, Namespace } from '../kube/kinds.ts';
import { clusterRoleBindings, namespaces, pods } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { MusterError } from '../report/errors.ts';
import { gatherBinding, gatherNamespace, REPORT_LABEL, RUN_BY_LABEL, type RunMarks } from './namespace.ts';

/**
 * Where the service gathers for one report. All names come from the report's UID, so whoever comes again, also after the
 * server was killed at any step, finds what is there instead of making it twice.
 */
export type ReportPlace = {
  readonly reportUid: string;
  readonly runNamespace?: string | undefined;
  /** For debugging: the person removes it, no sweep does. */
  readonly keepNamespace?: boolean | undefined;
};

/** On everything that the service makes in the cluster for a report. */
export function placeMarks({ reportUid, keepNamespace = false }: ReportPlace): RunMarks {
  const runBy = keepNamespace ? 'service-kept' : 'service';
  return { labels: { [REPORT_LABEL]: reportUid, [RUN_BY_LABEL]: runBy }, annotations: {} };
}

export function placeNamespace({ reportUid, runNamespace }: ReportPlace): string {
  return runNamespace ?? `openshift-must-gather-${reportUid}`;
}

const bindingName = ({ reportUid }: ReportPlace) => `must-gather-${reportUid}`;

/** Makes the report's namespace and its binding, as far as they are not there. Throws `KubeError`. */
export async function makePlace(kube: Kube, place: ReportPlace): Promise<void> {
  if (place.runNamespace !== undefined) return;
  const marks = placeMarks(place);
  const namespace = await makeOnce(kube, namespaces, gatherNamespace(marks, placeNamespace(place)), place);
  await makeOnce(kube, clusterRoleBindings, gatherBinding(namespace, marks, bindingName(place)), place);
}

async function makeOnce<T extends KubeObject>(kube: Kube, kind: Kind<T>, object: T, place: ReportPlace): Promise<T> {
  try {
    return await kube.create(kind, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const found = await kube.get(kind, object.metadata.name ?? '');
  if (found.metadata.labels?.[REPORT_LABEL] === place.reportUid) return found;
  throw new MusterError('Conflict', `${kind.kind} ${found.metadata.name} is there already, and is not of this report`);
}

/**
 * Removes all of it: the rights first, then the namespace with what is in it; in a namespace of others the report's pods.
 * What is gone already is no error. Throws `KubeError`.
 */
export async function removePlace(kube: Kube, place: ReportPlace): Promise<void> {
  if (place.runNamespace === undefined) {
    await kube.remove(clusterRoleBindings, bindingName(place));
    await kube.remove(namespaces, placeNamespace(place), { propagationPolicy: 'Background' });
    return;
  }
  const namespace = place.runNamespace;
  for await (const { metadata } of kube.list(pods, {
    namespace,
    labelSelector: `${REPORT_LABEL}=${place.reportUid}`,
  })) {
    await kube.remove(pods, metadata.name ?? '', { namespace, uid: metadata.uid, gracePeriodSeconds: 1 });
  }
}

/** Whether the report's namespace, or a pod of it in a namespace of others, is still there. */
export async function isPlaceGone(kube: Kube, place: ReportPlace): Promise<boolean> {
  const labelSelector = `${REPORT_LABEL}=${place.reportUid}`;
  const left: AsyncIterable<Namespace | KubeObject> =
    place.runNamespace === undefined
      ? kube.list(namespaces, { labelSelector })
      : kube.list(pods, { namespace: place.runNamespace, labelSelector });
  for await (const _object of left) return false;
  return true;
}
