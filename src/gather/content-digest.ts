/** The value of a Content-Digest header (RFC 9530) for a SHA-256 in hex. */
export function contentDigest(sha256: string): string {
  return `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
}

/** The SHA-256, in lower-case hex, that a Content-Digest header names; undefined when it names none. */
export function sha256Of(header: string | undefined): string | undefined {
  const base64 = /(?:^|[,\s])sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header ?? '')?.[1];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex');
}
