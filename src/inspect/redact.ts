import type { UnknownObject } from '../kube/kinds.ts';

type Fields = { readonly [key: string]: unknown };

/** Public halves, which tell an expired or a wrong certificate. */
const publicKeys: ReadonlySet<string> = new Set(['tls.crt', 'ca.crt', 'service-ca.crt']);
/** Annotations that repeat a token, or the whole object as it was applied: by kubectl, kapp, Rancher and Banzai Cloud. */
const copies: ReadonlySet<string> = new Set([
  'openshift.io/token-secret.value',
  'kubectl.kubernetes.io/last-applied-configuration',
  'kapp.k14s.io/original',
  'objectset.rio.cattle.io/applied',
  'banzaicloud.com/last-applied',
]);

/**
 * The object without what must not leave the cluster, as oc does it (reference, oc §2.12): values of Secrets, keys of
 * Routes, passwords in the URLs of a Proxy; beyond oc, secrets of OAuthClients. ConfigMaps, environment values, custom
 * resources and logs stay as they are. Where oc empties values only, the copies of them in annotations go too.
 */
export function redacted(group: string, plural: string, object: UnknownObject): UnknownObject {
  switch (`${plural}.${group}`) {
    case 'secrets.':
      return withoutCopies(secret(object));
    case 'routes.route.openshift.io':
      return withoutCopies(hasKey(object) ? route(object) : object);
    case 'proxies.config.openshift.io':
      return withoutCopies({ ...object, ...withCleanUrls(object, 'spec'), ...withCleanUrls(object, 'status') });
    case 'oauthclients.oauth.openshift.io':
      return withoutCopies(oauthClient(object));
    default:
      return object;
  }
}

function secret(object: UnknownObject): UnknownObject {
  const { data, stringData, ...rest } = object;
  return {
    ...rest,
    ...(isFields(data) ? { data: lengthsOf(data, 'base64') } : {}),
    // Never served by the API; a server that did would leak.
    ...(isFields(stringData) ? { stringData: lengthsOf(stringData, 'utf8') } : {}),
  };
}

function lengthsOf(data: Fields, encoding: 'base64' | 'utf8'): Fields {
  const entries = Object.entries(data).map(([key, value]): [string, unknown] => {
    if (publicKeys.has(key)) return [key, value];
    const said = `${Buffer.byteLength(String(value ?? ''), encoding)} bytes long`;
    return [key, encoding === 'base64' ? Buffer.from(said).toString('base64') : said];
  });
  return Object.fromEntries(entries);
}

function hasKey({ spec }: UnknownObject): boolean {
  return isFields(spec) && isFields(spec.tls) && 'key' in spec.tls;
}

function route(object: UnknownObject): UnknownObject {
  const spec = isFields(object.spec) ? object.spec : {};
  const tls = isFields(spec.tls) ? spec.tls : {};
  return { ...object, spec: { ...spec, tls: { ...tls, key: '' } } };
}

/** Both fields are strings and lists of strings (oauth.openshift.io/v1, OAuthClient). */
function oauthClient(object: UnknownObject): UnknownObject {
  return {
    ...object,
    ...('secret' in object ? { secret: '' } : {}),
    ...('additionalSecrets' in object ? { additionalSecrets: [] } : {}),
  };
}

function withCleanUrls(object: UnknownObject, part: 'spec' | 'status'): Fields {
  const fields = object[part];
  if (!isFields(fields)) return {};
  const clean = Object.entries(fields).map(([key, value]): [string, unknown] => [
    key,
    typeof value === 'string' ? withoutPassword(value) : value,
  ]);
  return { [part]: Object.fromEntries(clean) };
}

/** Up to the last `@`: passwords that were not encoded may hold one. Not parsed as a URL, as broken ones leak as well. */
function withoutPassword(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?([^:/@]*):(.*)@/is, '$1$2:****@');
}

function withoutCopies(object: UnknownObject): UnknownObject {
  const { annotations } = object.metadata;
  if (annotations === undefined) return object;
  const emptied = Object.entries(annotations).map(([key, value]) => [key, copies.has(key) ? '' : value]);
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(emptied) } };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
