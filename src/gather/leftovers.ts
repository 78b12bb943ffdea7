import type { Kind, KubeObject, ObjectMeta } from '../kube/kinds.ts';
import { clusterRoleBindings, namespaces, pods } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { messageOf } from '../report/errors.ts';
import { ABANDONED_AFTER_ANNOTATION, PROCESS_ANNOTATION, RUN_BY_LABEL } from './namespace.ts';
import { isProcessGone } from './process-mark.ts';

export type SweepOptions = {
  /** A namespace that gathers of earlier runs may have used: their pods stay behind there. */
  readonly runNamespace?: string | undefined;
  readonly now: () => Date;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
};

/**
 * Removes what a `muster gather` left that was killed before it could clean up: its own machine's dead processes at
 * once, anybody's after the time that was written on the object when it was made. Bindings go first.
 */
export async function sweepLeftovers(kube: Kube, options: SweepOptions): Promise<void> {
  await sweepKind(kube, clusterRoleBindings, undefined, options);
  await sweepKind(kube, namespaces, undefined, options);
  if (options.runNamespace !== undefined) await sweepKind(kube, pods, options.runNamespace, options);
}

async function sweepKind<T extends KubeObject>(
  kube: Kube,
  kind: Kind<T>,
  namespace: string | undefined,
  { now, say, signal }: SweepOptions,
): Promise<void> {
  try {
    for await (const { metadata } of kube.list(kind, { namespace, labelSelector: `${RUN_BY_LABEL}=cli`, signal })) {
      // On its way out: what a run that ended well removed is still there for some seconds.
      if (metadata.deletionTimestamp !== undefined || !isAbandoned(metadata.annotations ?? {}, now())) continue;
      await sweepOne(kube, kind, metadata, { namespace, say, signal });
    }
  } catch (error) {
    signal.throwIfAborted();
    // Whoever may run gathers need not be allowed to list these: the run goes on, and says what it could not do.
    say(`could not look for leftovers of earlier runs among ${kind.plural}: ${messageOf(error)}`);
  }
}

/** One that cannot be removed does not keep the others from being removed. */
async function sweepOne<T extends KubeObject>(
  kube: Kube,
  kind: Kind<T>,
  { name = '', uid }: ObjectMeta,
  { namespace, say, signal }: Pick<SweepOptions, 'say' | 'signal'> & { readonly namespace: string | undefined },
): Promise<void> {
  try {
    await kube.remove(kind, name, { namespace, uid, signal });
    say(`removed ${kind.kind} ${name}, left behind by a run that was killed`);
  } catch (error) {
    signal.throwIfAborted();
    say(`could not remove ${kind.kind} ${name}, left behind by a run that was killed: ${messageOf(error)}`);
  }
}

export function isAbandoned(annotations: Readonly<Record<string, string>>, now: Date): boolean {
  const after = Date.parse(annotations[ABANDONED_AFTER_ANNOTATION] ?? '');
  return isProcessGone(annotations[PROCESS_ANNOTATION] ?? '') || after < now.getTime();
}
