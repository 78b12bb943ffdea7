import { decodeJwt, EncryptJWT, jwtDecrypt } from 'jose';
import { MusterError } from '../report/errors.ts';

/** Tokens sealed into cookies: a browser keeps them, and neither it nor a script in it can read them. */
export type SessionCookies = {
  /** The Set-Cookie value that keeps the token. Throws MusterError TooLarge where no browser would keep it. */
  seal(token: string): Promise<string>;
  /** The token in a Cookie header; undefined where there is none, or one that was not sealed here or is over. */
  open(header: string | undefined): Promise<string | undefined>;
  /** The Set-Cookie value that ends the session. */
  clear(): string;
};

export type SessionCookieOptions = {
  /** 32 bytes, the same for all replicas. */
  readonly key: Uint8Array;
  /** Over TLS, where the name can carry the promise that nobody else set the cookie (RFC 6265bis, 4.1.3.2). */
  readonly isSecure: boolean;
  readonly nowMs: () => number;
};

const LONGEST_SESSION_S = 8 * 3600;
/** Browsers drop what is longer, and say nothing (RFC 6265bis, 5.6). */
const LONGEST_COOKIE = 4096;

export function createSessionCookies({ key, isSecure, nowMs }: SessionCookieOptions): SessionCookies {
  const name = isSecure ? '__Host-muster' : 'muster';
  const attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
  const nowS = () => Math.floor(nowMs() / 1000);
  return {
    async seal(token) {
      const leftS = (expiryOf(token) ?? Number.POSITIVE_INFINITY) - nowS();
      // The cluster has just vouched for it: one that is over by our clock tells that the clock is ahead. Then the cluster
      // alone says when the session ends, as it is asked each time.
      const lifeS = leftS > 0 ? Math.min(LONGEST_SESSION_S, leftS) : LONGEST_SESSION_S;
      const sealed = await new EncryptJWT({ token })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setExpirationTime(nowS() + lifeS)
        .encrypt(key);
      const cookie = `${name}=${sealed}; Max-Age=${lifeS}; ${attributes}`;
      if (cookie.length <= LONGEST_COOKIE) return cookie;
      throw new MusterError(
        'TooLarge',
        `token: it is too long for a browser to keep (${cookie.length} bytes sealed, ${LONGEST_COOKIE} fit); a token of a service account is shorter`,
        { field: 'token' },
      );
    },
    async open(header) {
      const sealed = cookieIn(header, name);
      if (sealed === undefined) return undefined;
      try {
        const { payload } = await jwtDecrypt(sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          requiredClaims: ['exp'],
          clockTolerance: 0,
          currentDate: new Date(nowMs()),
        });
        return typeof payload.token === 'string' ? payload.token : undefined;
      } catch {
        // Of another key, changed, or over: whoever brings it signs in anew, as with no cookie at all.
        return undefined;
      }
    },
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}

/** When a token ends, in seconds, as it says itself: the cluster has vouched for it before. Not every token is a JWT. */
function expiryOf(token: string): number | undefined {
  try {
    return decodeJwt(token).exp;
  } catch {
    return undefined;
  }
}

function cookieIn(header: string | undefined, name: string): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
