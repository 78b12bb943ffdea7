import type { Store } from '../store.ts';
import type { Access } from './access.ts';
import { callerOf } from './callers.ts';
import { boundRules } from './rbac.ts';
import { allows } from './rules.ts';
import { createTokens } from './tokens.ts';

/** Who may what: certificates, tokens and impersonation say who, the objects of RBAC in `store` say what. */
export async function createAccess(store: Store, now: () => Date): Promise<Access> {
  const tokens = await createTokens(store, now);
  const rulesOf: Access['rulesOf'] = (caller, namespace) => boundRules(store, caller, namespace);
  const isAllowed: Access['isAllowed'] = (caller, attributes) =>
    caller.groups.includes('system:masters') ||
    rulesOf(caller, attributes.namespace).some((rule) => allows(rule, attributes));
  return {
    authenticate: (request) => callerOf(request, tokens, isAllowed),
    isAllowed,
    rulesOf,
    issueToken: tokens.issue,
    readToken: tokens.read,
  };
}
