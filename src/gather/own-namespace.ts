import type { ClusterRoleBinding, Namespace } from '../kube/kinds.ts';
import { clusterRoleBindings, namespaces } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { messageOf } from '../report/errors.ts';
import type { RunMarks } from './namespace.ts';
import { gatherBinding, gatherNamespace } from './namespace.ts';
import type { ReportLog } from './report-log.ts';

export type OwnNamespace = {
  readonly name: string;
  /** Takes the rights away first, then the namespace with all that is in it. Says what it could not remove. */
  remove(): Promise<void>;
};

/**
 * Makes the namespace and the binding of a run. Neither stays behind when the second fails. Neither call can be
 * interrupted: an answer that nobody waited for would be an object that nobody removes. `keep` leaves both, for
 * debugging, and says so.
 */
export async function makeOwnNamespace(
  kube: Kube,
  marks: RunMarks,
  { keep, log }: { readonly keep: boolean; readonly log: Pick<ReportLog, 'say' | 'warn'> },
): Promise<OwnNamespace> {
  const namespace = await kube.create(namespaces, gatherNamespace(marks));
  const { name = '' } = namespace.metadata;
  let binding: ClusterRoleBinding | undefined;
  const remove = async () => {
    if (keep) {
      log.warn(`kept namespace ${name}, as asked: it holds a cluster-admin binding until you delete it`);
      return;
    }
    if (binding !== undefined)
      await removing(`binding ${binding.metadata.name ?? ''}`, () => removeBinding(kube, binding), log);
    await removing(`namespace ${name}`, () => removeNamespace(kube, namespace), log);
  };
  try {
    binding = await kube.create(clusterRoleBindings, gatherBinding(namespace, marks));
  } catch (error) {
    await remove();
    throw error;
  }
  log.say(`namespace ${name} created`);
  return { name, remove };
}

async function removing(
  what: string,
  remove: () => Promise<void>,
  { say, warn }: Pick<ReportLog, 'say' | 'warn'>,
): Promise<void> {
  try {
    await remove();
    say(`${what} deleted`);
  } catch (error) {
    warn(`could not delete ${what}, please delete it by hand: ${messageOf(error)}`);
  }
}

async function removeBinding(kube: Kube, binding: ClusterRoleBinding | undefined): Promise<void> {
  await kube.remove(clusterRoleBindings, binding?.metadata.name ?? '', { uid: binding?.metadata.uid });
}

async function removeNamespace(kube: Kube, { metadata }: Namespace): Promise<void> {
  await kube.remove(namespaces, metadata.name ?? '', { uid: metadata.uid, propagationPolicy: 'Background' });
}
