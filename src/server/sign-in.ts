import type { FastifyRequest } from 'fastify';
import { MusterError } from '../report/errors.ts';
import type { Access, Caller } from './access.ts';
import type { SessionCookies } from './session-cookie.ts';
import type { CallerHeaders } from './token-answers.ts';

/** How a browser shows who sits before it: not at all, by a cookie of the login page, or by a header of the proxy in front. */
export type SignIn =
  | { readonly auth: 'none' }
  | { readonly auth: 'login'; readonly cookies: SessionCookies }
  /** The header in lower case. */
  | { readonly auth: 'proxy'; readonly tokenHeader: string };

/** Access for programs, which bring a bearer token, and for browsers, whose token comes along by itself. */
export type SignedInAccess = Access & {
  /** As `authorize`; refuses (CrossSite, 403) what another site had the browser ask for in its user's name. */
  authorizeRequest(request: FastifyRequest): Promise<Caller>;
  /** Whether the request brings a token that somebody may have guessed; what is in a cookie was good once. */
  bringsToken(headers: CallerHeaders): boolean;
};

type Credentials = {
  readonly headers: CallerHeaders;
  /** The browser adds them to whatever it asks for, whoever made it ask. */
  readonly isAmbient: boolean;
};

/** Every request ends in the same question to `access`, by whichever way its token came. */
export function createSignedInAccess(access: Access, signIn: SignIn): SignedInAccess {
  const authorizeBy = ({ headers }: Credentials, signal: AbortSignal) => access.authorize(headers, signal);
  return {
    async authorize(headers, signal) {
      return await authorizeBy(await credentialsOf(headers, signIn), signal);
    },
    async authorizeRequest({ headers, method, signal }) {
      const credentials = await credentialsOf(headers, signIn);
      if (credentials.isAmbient) refuseCrossSite(method, headers);
      return await authorizeBy(credentials, signal);
    },
    bringsToken: (headers) => headers.authorization !== undefined || tokenOfProxy(headers, signIn) !== undefined,
  };
}

async function credentialsOf(headers: CallerHeaders, signIn: SignIn): Promise<Credentials> {
  // The proxy's header before Authorization, which proxies fill as well, be it with a password of their own making.
  const ofProxy = tokenOfProxy(headers, signIn);
  if (ofProxy !== undefined) return { headers: withToken(headers, ofProxy), isAmbient: true };
  if (signIn.auth !== 'login' || headers.authorization !== undefined) return { headers, isAmbient: false };
  const ofCookie = await signIn.cookies.open(headers.cookie?.toString());
  return ofCookie === undefined
    ? { headers, isAmbient: false }
    : { headers: withToken(headers, ofCookie), isAmbient: true };
}

function tokenOfProxy(headers: CallerHeaders, signIn: SignIn): string | undefined {
  return signIn.auth === 'proxy' ? headers[signIn.tokenHeader]?.toString() : undefined;
}

const withToken = (headers: CallerHeaders, token: string): CallerHeaders => ({
  ...headers,
  authorization: `Bearer ${token}`,
});

/** What changes something must come from Muster's own pages; what reads must not be asked for by another site. */
function refuseCrossSite(method: string, headers: CallerHeaders): void {
  const isReading = method === 'GET' || method === 'HEAD';
  const site = siteOf(headers);
  if (isReading ? site !== 'cross-site' : site === 'same-origin') return;
  throw crossSite();
}

/** For what is asked without a token, by which a foreign page could sign somebody in or out. */
export function refuseForeignPage(headers: CallerHeaders): void {
  const site = siteOf(headers);
  if (site !== 'same-origin' && site !== 'unknown') throw crossSite();
}

/** Where the page is from that asks, as its browser says (Fetch Metadata; Origin in browsers that lack that). */
function siteOf(headers: CallerHeaders): string {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site.toString();
  const origin = headers.origin?.toString();
  if (origin === undefined) return 'unknown';
  return URL.canParse(origin) && new URL(origin).host === headers.host ? 'same-origin' : 'cross-site';
}

const crossSite = () => new MusterError('CrossSite', 'A page of another site asked for this in your name.');
