import type { Sandbox } from '../../sandbox/server.ts';
import type { Kind } from '../../src/kube/kinds.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { Loose } from './access-world.ts';

// Kinds that the sandbox does not know: it keeps their objects, with any fields, and does nothing by them.

export const definitions = clusterKind('apiextensions.k8s.io', 'customresourcedefinitions', 'CustomResourceDefinition');
const admission = 'admissionregistration.k8s.io';
export const policies = clusterKind(admission, 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy');
export const policyBindings = clusterKind(
  admission,
  'validatingadmissionpolicybindings',
  'ValidatingAdmissionPolicyBinding',
);

export function clusterKind(group: string, plural: string, kind: string): Kind<Loose> {
  return { group, version: 'v1', plural, kind, namespaced: false };
}

const SERVED_WITHIN_MS = 20_000;

/** Resolves when it serves all of them. */
export async function serveKinds(sandbox: Sandbox, admin: Kube, kinds: readonly Kind<Loose>[]): Promise<void> {
  for (const kind of kinds) await admin.create(definitions, definitionOf(kind));
  for (const { plural } of kinds) await untilServed(sandbox, plural);
}

export async function untilServed({ api }: Sandbox, wanted: string): Promise<void> {
  const deadline = AbortSignal.timeout(SERVED_WITHIN_MS);
  while (!api.kinds().some(({ plural }) => plural === wanted)) {
    deadline.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const definitionOf = ({ group, plural, kind }: Kind<Loose>): Loose => ({
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Cluster',
    names: { plural, kind, listKind: `${kind}List`, singular: kind.toLowerCase() },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});
