import type { Right } from '../kube/access.ts';
import { requireRights } from '../kube/access.ts';
import type { Kube } from '../kube/kube.ts';

/**
 * Asks for every right that a run needs, before anything is created. Throws MusterError RightsMissing, which names the
 * one that lacks.
 */
export async function requireGatherRights(
  kube: Kube,
  runNamespace: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const inPods = (verb: string, resource: string): Right => ({ verb, group: '', resource, namespace: runNamespace });
  const own: Right[] = [
    { verb: 'create', group: '', resource: 'namespaces' },
    { verb: 'delete', group: '', resource: 'namespaces' },
    { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' },
    { verb: 'delete', group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' },
    // Kubernetes lets nobody hand out more than they hold: the binding is to cluster-admin.
    { verb: '*', group: '*', resource: '*' },
  ];
  const pods: Right[] = [
    inPods('create', 'pods'),
    inPods('delete', 'pods'),
    inPods('watch', 'pods'),
    inPods('get', 'pods/log'),
    inPods('create', 'pods/exec'),
  ];
  await requireRights(kube, [...(runNamespace === undefined ? own : []), ...pods], signal);
}
