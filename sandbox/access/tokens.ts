import { randomUUID, webcrypto } from 'node:crypto';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { pods } from '../kinds/pod.ts';
import { secrets } from '../kinds/secret.ts';
import { serviceAccounts } from '../kinds/service-account.ts';
import { fieldAt, type Resource, type Stored } from '../resource.ts';
import { notFound, Refusal } from '../status.ts';
import type { Store } from '../store.ts';
import type { BoundObject, IssuedToken, TokenHolder, TokenOrder } from './access.ts';
import { accountGroups, accountName } from './rbac.ts';

/** Who issues the tokens, and whom they are for unless told otherwise. */
export const API_AUDIENCE = 'https://kubernetes.default.svc';

/** What the volume of every pod asks for; such tokens live for a year, since old clients read the file but once. */
export const POD_TOKEN_SECONDS = 3607;
const extendedSeconds = 365 * 24 * 3600;
// What was deleted is taken for alive for so long, as by the real one.
const leewayMs = 60_000;

export type Tokens = {
  issue(order: TokenOrder): Promise<IssuedToken>;
  read(token: string, audiences?: readonly string[]): Promise<TokenHolder>;
};

/** Issues and reads tokens of service accounts, with a key that is made now and kept nowhere. */
export async function createTokens(store: Store, now: () => Date): Promise<Tokens> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const kid = randomUUID();
  return {
    async issue(order) {
      const { namespace, serviceAccount, audiences = [API_AUDIENCE], expirationSeconds, pod, secret } = order;
      const account = store.get(serviceAccounts, namespace, serviceAccount);
      if (account === undefined) throw notFound(serviceAccounts, serviceAccount);
      const issuedAt = Math.floor(now().getTime() / 1000);
      const isExtended =
        pod !== undefined && expirationSeconds === POD_TOKEN_SECONDS && audiences.includes(API_AUDIENCE);
      const expiry = issuedAt + expirationSeconds;
      const claims = {
        namespace,
        serviceaccount: { name: serviceAccount, uid: account.metadata.uid },
        ...(pod ? { pod } : {}),
        ...(secret ? { secret } : {}),
        ...(isExtended ? { warnafter: expiry } : {}),
      };
      const token = await new SignJWT({ 'kubernetes.io': claims })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setIssuer(API_AUDIENCE)
        .setAudience([...audiences])
        .setSubject(accountName(namespace, serviceAccount))
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(isExtended ? issuedAt + extendedSeconds : expiry)
        .sign(keys.privateKey);
      return { token, expiresAt: new Date(expiry * 1000) };
    },
    async read(token, audiences = [API_AUDIENCE]) {
      const claims = await verified(token, keys.publicKey, now());
      const given = [claims.aud ?? []].flat();
      const common = audiences.filter((audience) => given.includes(audience));
      if (common.length === 0) throw unauthorized('the token is for another audience');
      return { caller: callerOf(store, claims, now()), audiences: common };
    },
  };
}

export const unauthorized = (message: string) => new Refusal(401, 'Unauthorized', message);

async function verified(token: string, key: webcrypto.CryptoKey, currentDate: Date): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, key, { issuer: API_AUDIENCE, algorithms: ['ES256'], currentDate })).payload;
  } catch (error) {
    throw unauthorized(`the token is of no use: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function callerOf(store: Store, claims: JWTPayload, now: Date): TokenHolder['caller'] {
  const own = claims['kubernetes.io'];
  const namespace = String(fieldAt(own, 'namespace'));
  const account = boundObject(own, 'serviceaccount') ?? { name: '', uid: '' };
  const pod = boundObject(own, 'pod');
  checkAlive(store, serviceAccounts, namespace, account, now);
  checkAlive(store, pods, namespace, pod, now);
  checkAlive(store, secrets, namespace, boundObject(own, 'secret'), now);
  const extra: Record<string, readonly string[]> = {
    'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
  };
  if (pod !== undefined) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name];
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid];
  }
  return { username: accountName(namespace, account.name), uid: account.uid, groups: accountGroups(namespace), extra };
}

function boundObject(claims: unknown, field: string): BoundObject | undefined {
  const [name, uid] = [fieldAt(claims, `${field}.name`), fieldAt(claims, `${field}.uid`)];
  return name === undefined ? undefined : { name: String(name), uid: String(uid) };
}

function checkAlive(
  store: Store,
  resource: Resource,
  namespace: string,
  bound: BoundObject | undefined,
  now: Date,
): void {
  if (bound === undefined) return;
  const found = store.get(resource, namespace, bound.name);
  if (found === undefined || found.metadata.uid !== bound.uid || isLongDeleted(found, now))
    throw unauthorized(`the ${resource.singular} of the token is gone`);
}

function isLongDeleted({ metadata }: Stored, now: Date): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  if (deletionTimestamp === undefined) return false;
  return Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000 + leewayMs < now.getTime();
}
