import type { Kube } from './kube.ts';

export type Right = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
};

/** Whether this caller may do that, by SelfSubjectAccessReview. Throws `KubeError`. */
export async function canI(_kube: Kube, _right: Right, _signal?: AbortSignal): Promise<boolean> {
  throw new Error('not there yet');
}

/** The first of the rights that this caller lacks, or undefined when it has them all. */
export async function missingRight(
  _kube: Kube,
  _rights: readonly Right[],
  _signal?: AbortSignal,
): Promise<Right | undefined> {
  throw new Error('not there yet');
}

/** Every verb on every resource of every group: what cluster-admin means to Muster. */
export const clusterAdmin: Right = { verb: '*', group: '*', resource: '*' };

/** Throws MusterError RightsMissing, naming the right, when this caller lacks one of them. */
export async function requireRights(_kube: Kube, _rights: readonly Right[], _signal?: AbortSignal): Promise<void> {
  throw new Error('not there yet');
}
