import type { Call, Subresource } from '../api.ts';
import { pods } from '../kinds/pod.ts';
import { secrets } from '../kinds/secret.ts';
import { serviceAccounts } from '../kinds/service-account.ts';
import { fieldAt, isRecord, timestampOf } from '../resource.ts';
import { badRequest, conflict, invalid, notAllowed, notFound } from '../status.ts';
import type { Store } from '../store.ts';
import type { Access, TokenOrder } from './access.ts';
import { API_AUDIENCE } from './tokens.ts';

const leastSeconds = 600;
const mostSeconds = 2 ** 32;

/** `serviceaccounts/token`: a POST of a TokenRequest is answered with the token. */
export function tokenRequest(store: Store, access: Access): Subresource {
  return {
    verbs: ['create'],
    kind: 'TokenRequest',
    async answer({ target, method, body }) {
      const { namespace = '', name } = target;
      if (method !== 'POST') throw notAllowed(method);
      const account = store.get(serviceAccounts, namespace, name);
      if (account === undefined) throw notFound(serviceAccounts, name);
      const spec = isRecord(body) && isRecord(body.spec) ? body.spec : {};
      const audiences =
        Array.isArray(spec.audiences) && spec.audiences.length > 0 ? spec.audiences.map(String) : [API_AUDIENCE];
      const expirationSeconds = expirationOf(spec, name);
      const bound = boundTo(store, target, spec.boundObjectRef);
      const order = { namespace, serviceAccount: name, audiences, expirationSeconds, ...bound };
      const { token, expiresAt } = await access.issueToken(order);
      const expirationTimestamp = timestampOf(expiresAt);
      return {
        code: 201,
        body: {
          kind: 'TokenRequest',
          apiVersion: 'authentication.k8s.io/v1',
          metadata: { name, namespace },
          spec: { audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef ?? null },
          status: { token, expirationTimestamp },
        },
      };
    },
  };
}

function expirationOf(spec: Record<string, unknown>, name: string): number {
  const seconds = spec.expirationSeconds ?? 3600;
  if (typeof seconds === 'number' && seconds >= leastSeconds && seconds <= mostSeconds) return seconds;
  const message = `must be between ${leastSeconds} and ${mostSeconds}`;
  throw invalid(serviceAccounts, name, [{ reason: 'FieldValueInvalid', message, field: 'spec.expirationSeconds' }]);
}

/** The pod or secret that the token is to live with; throws a 404, or a 409 for one of another uid. */
function boundTo(store: Store, { namespace, name }: Call['target'], ref: unknown): Pick<TokenOrder, 'pod' | 'secret'> {
  if (!isRecord(ref)) return {};
  const resource = [pods, secrets].find(({ kind }) => kind === ref.kind);
  if (resource === undefined) throw badRequest(`the sandbox binds no tokens to ${String(ref.kind)}`);
  const bound = String(ref.name ?? '');
  const found = store.get(resource, namespace, bound);
  if (found === undefined) throw notFound(resource, bound);
  const { uid = '' } = found.metadata;
  if (ref.uid && ref.uid !== uid) throw conflict(resource, bound, `its uid is ${uid}`);
  if (resource === secrets) return { secret: { name: bound, uid } };
  if (fieldAt(found, 'spec.serviceAccountName') !== name) throw badRequest('the pod runs with another service account');
  return { pod: { name: bound, uid } };
}
