import { isNotFound, toMusterError } from '../kube/errors.ts';
import type { Kind, KubeObject } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { MusterError } from '../report/errors.ts';

// RBAC says who may create a MustGatherReport; that this takes a cluster-admin, only deploy/base/policy-reports.yaml says.

type PolicyBinding = KubeObject & { spec?: { policyName?: string; validationActions?: string[] } };

const policies: Kind = kindOf('validatingadmissionpolicies', 'ValidatingAdmissionPolicy');
const policyBindings: Kind<PolicyBinding> = kindOf(
  'validatingadmissionpolicybindings',
  'ValidatingAdmissionPolicyBinding',
);

/** Of the policy, and of its binding. */
const NAME = 'reports.muster.dev';

/**
 * Throws MusterError NotReady, which says what to do, as long as the cluster would take a report from somebody who is no
 * cluster-admin: the policy or its binding is not there, or the binding denies nothing. Throws RightsMissing and others
 * where the cluster does not tell.
 */
export async function requireReportsPolicy(kube: Kube, signal: AbortSignal): Promise<void> {
  await existing(kube, policies, signal);
  const { spec = {} } = await existing(kube, policyBindings, signal);
  const { policyName = '', validationActions = [] } = spec;
  if (policyName !== NAME) throw unguarded(`${policyBindings.kind} ${NAME} is of another policy, "${policyName}"`);
  if (!validationActions.includes('Deny')) throw unguarded(`${policyBindings.kind} ${NAME} does not deny`);
}

async function existing<T extends KubeObject>(kube: Kube, kind: Kind<T>, signal: AbortSignal): Promise<T> {
  try {
    return await kube.get(kind, NAME, { signal });
  } catch (error) {
    if (isNotFound(error)) throw unguarded(`${kind.kind} ${NAME} is not there`);
    throw toMusterError(error);
  }
}

function unguarded(what: string): MusterError {
  return new MusterError(
    'NotReady',
    `${what}, so others than cluster-admins could have reports gathered, and none is: apply deploy/base/policy-reports.yaml, or deploy/olm/before where OLM installed Muster`,
  );
}

function kindOf<T extends KubeObject>(plural: string, kind: string): Kind<T> {
  return { group: 'admissionregistration.k8s.io', version: 'v1', plural, kind, namespaced: false };
}
