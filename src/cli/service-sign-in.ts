import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Kube } from '../kube/kube.ts';
import type { ServiceConfig } from '../report/service-config.ts';
import { createSessionCookies } from '../server/session-cookie.ts';
import { sessionKeyInFolder, sessionKeyInSecret } from '../server/session-key.ts';
import type { SignIn } from '../server/sign-in.ts';
import { isS3Location } from '../store/s3-settings.ts';

/**
 * How browsers sign in, as the service was told. The key of the login page's cookies is kept where certificates are
 * (`openServiceTls`), so that all replicas, and the next start, can open them.
 */
export async function openSignIn(
  kube: Kube,
  config: ServiceConfig,
  { isInCluster, nowMs }: { readonly isInCluster: boolean; readonly nowMs: () => number },
): Promise<SignIn> {
  const { auth, scheme, proxyTokenHeader, store, namespace } = config;
  if (auth === 'none') return { auth: 'none' };
  if (proxyTokenHeader !== undefined) return { auth: 'proxy', tokenHeader: proxyTokenHeader };
  const key =
    isInCluster || isS3Location(store)
      ? await sessionKeyInSecret(kube, namespace, randomBytes)
      : await sessionKeyInFolder(join(store, 'tls'), randomBytes);
  return { auth: 'login', cookies: createSessionCookies({ key, isSecure: scheme === 'https', nowMs }) };
}
