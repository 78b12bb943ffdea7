import type { Kube } from './kube.ts';

export type ServedResource = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Whether this is the version that the group prefers for the resource. */
  readonly preferred: boolean;
};

export type Discovery = {
  readonly resources: readonly ServedResource[];
  /** Group versions that the server lists but could not describe (an aggregated API that is down), with the reason. */
  readonly failed: readonly { readonly groupVersion: string; readonly reason: string }[];
  /** The documents as served by `/api` and `/apis` when the server aggregates (v2); undefined when it does not. */
  readonly aggregated: { readonly api: unknown; readonly apis: unknown } | undefined;
};

/** What the server serves: two requests where it aggregates discovery, one for each group version elsewhere. */
export async function discover(_kube: Kube, _signal?: AbortSignal): Promise<Discovery> {
  throw new Error('not there yet');
}
