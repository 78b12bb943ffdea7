import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { badRequest, mayNot } from '../status.ts';
import type { Access, Attributes, Caller } from './access.ts';
import { accountGroups } from './rbac.ts';
import { type Tokens, unauthorized } from './tokens.ts';

const everybody = 'system:authenticated';
// Where the real one lets in whoever brings no credentials, its probes and kubectl's `version` do without.
const publicPaths = new Set(['/healthz', '/livez', '/readyz', '/version']);

/** Who sends the request: by client certificate, by token, or whom such a one impersonates. */
export async function callerOf(
  request: IncomingMessage,
  tokens: Tokens,
  isAllowed: Access['isAllowed'],
): Promise<Caller> {
  const caller = certified(request) ?? (await tokenHolder(request, tokens)) ?? anonymous(request);
  return impersonated(caller, request, isAllowed);
}

/** Common name and organizations of a certificate that the sandbox's authority signed. */
function certified({ socket }: IncomingMessage): Caller | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { CN, O } = socket.getPeerCertificate().subject;
  // Node gives a list where a name has several of a kind, which its types do not tell.
  const organizations: string[] = [O ?? []].flat();
  return { username: String(CN), groups: withEverybody(organizations) };
}

async function tokenHolder({ headers }: IncomingMessage, tokens: Tokens): Promise<Caller | undefined> {
  const token = /^Bearer\s+(?<token>\S+)$/i.exec(headers.authorization ?? '')?.groups?.token;
  return token === undefined ? undefined : (await tokens.read(token)).caller;
}

function anonymous({ url = '' }: IncomingMessage): Caller {
  if (!publicPaths.has(url.split('?')[0] ?? '')) throw unauthorized('a client certificate or a token is needed');
  return { username: 'system:anonymous', groups: ['system:unauthenticated'] };
}

const withEverybody = (groups: readonly string[]) => [...new Set([...groups, everybody])];

function impersonated(caller: Caller, { headersDistinct }: IncomingMessage, isAllowed: Access['isAllowed']): Caller {
  const username = headersDistinct['impersonate-user']?.[0];
  const uid = headersDistinct['impersonate-uid']?.[0];
  const groups = headersDistinct['impersonate-group'] ?? [];
  const extra = extraOf(headersDistinct);
  if (username === undefined) {
    const others = groups.length + Object.keys(extra).length + (uid === undefined ? 0 : 1);
    if (others > 0) throw badRequest('groups, uid and extra of whom, is not told');
    return caller;
  }
  const account = /^system:serviceaccount:(?<namespace>[^:]+):(?<name>[^:]+)$/.exec(username)?.groups;
  const wanted: Omit<Attributes, 'verb'>[] = [
    account === undefined
      ? { group: '', resource: 'users', name: username }
      : { group: '', resource: 'serviceaccounts', namespace: account.namespace, name: account.name },
    ...groups.map((name) => ({ group: '', resource: 'groups', name })),
    ...(uid === undefined ? [] : [{ group: 'authentication.k8s.io', resource: 'uids', name: uid }]),
    ...Object.entries(extra).flatMap(([key, names]) =>
      names.map((name) => ({ group: 'authentication.k8s.io', resource: 'userextras', subresource: key, name })),
    ),
  ];
  for (const each of wanted) {
    if (!isAllowed(caller, { verb: 'impersonate', ...each }))
      throw mayNot(caller.username, `impersonate resource "${each.resource}" with the name "${each.name}"`);
  }
  const implied = groups.length === 0 && account?.namespace !== undefined ? accountGroups(account.namespace) : groups;
  const all = username === 'system:anonymous' ? implied : withEverybody(implied);
  return { username, groups: all, ...(uid === undefined ? {} : { uid }), extra };
}

/** `Impersonate-Extra-Scopes: a` is `{ scopes: ['a'] }`; keys come percent-encoded. */
function extraOf(headers: IncomingMessage['headersDistinct']): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const [header, values] of Object.entries(headers)) {
    if (!header.startsWith('impersonate-extra-') || values === undefined) continue;
    extra[decoded(header.slice('impersonate-extra-'.length))] = values;
  }
  return extra;
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // The real one takes such keys as they are, too.
    return key;
  }
}
