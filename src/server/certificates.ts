import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';

/** A certificate, perhaps with its chain, and the key that belongs to it. Both PEM. */
export type KeyPair = { readonly certificatePem: string; readonly keyPem: string };

const DAY_MS = 24 * 3_600_000;
const AUTHORITY_LIFE_MS = 10 * 365 * DAY_MS;
export const CERTIFICATE_LIFE_MS = 90 * DAY_MS;
/**
 * Clocks of servers, nodes and laptops may differ by this much: a time zone that was set by hand is off by up to 14 h. A
 * certificate that is not valid yet for packers keeps them from uploading until it is.
 */
const CLOCKS_DIFFER_MS = DAY_MS;

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A new certificate authority of Muster's own, for ten years; it signs servers' certificates and nothing else. */
export async function makeAuthority(nowMs: number): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=muster',
    notBefore: new Date(nowMs - CLOCKS_DIFFER_MS),
    notAfter: new Date(nowMs + AUTHORITY_LIFE_MS),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
    ],
  });
  return { certificatePem: certificate.toString('pem'), keyPem: await keyPemOf(keys.privateKey) };
}

/** A server's certificate for `names` (hosts and IP addresses), 90 days long, signed by `authority`. */
export async function issueCertificate(authority: KeyPair, names: readonly string[], nowMs: number): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.keyPem),
    algorithm,
    false,
    ['sign'],
  );
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=muster-server',
    issuer: issuer.subject,
    notBefore: new Date(nowMs - CLOCKS_DIFFER_MS),
    notAfter: new Date(nowMs + CERTIFICATE_LIFE_MS),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const),
      ),
      // Verifiers that are strict about RFC 5280 (Python's since 3.13) want both identifiers.
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
    ],
  });
  return { certificatePem: certificate.toString('pem'), keyPem: await keyPemOf(keys.privateKey) };
}

/** Throws, with OpenSSL's words, where certificate and key cannot be read or do not belong together. */
export function checkPair({ certificatePem, keyPem }: KeyPair): void {
  // The context alone takes empty text for none given.
  if (!new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))) {
    throw new Error('the key is not the key of the certificate');
  }
  createSecureContext({ cert: certificatePem, key: keyPem });
}

/** When two thirds of its life are over: time enough to renew it, and to notice that nobody did. */
export function renewAtMs(certificatePem: string): number {
  const { validFromDate, validToDate } = new X509Certificate(certificatePem);
  return validFromDate.getTime() + ((validToDate.getTime() - validFromDate.getTime()) * 2) / 3;
}

export function expiresAtMs(certificatePem: string): number {
  return new X509Certificate(certificatePem).validToDate.getTime();
}

/** The hosts and IP addresses that a certificate stands for, IPv6 addresses in full length. */
export function namesIn(certificatePem: string): string[] {
  const listed = new X509Certificate(certificatePem).subjectAltName?.split(', ') ?? [];
  return listed.map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
}

/** Whether clients that ask for `name` take the certificate. */
export function standsFor(certificatePem: string, name: string): boolean {
  const certificate = new X509Certificate(certificatePem);
  const found = isIP(name) === 0 ? certificate.checkHost(name, { wildcards: false }) : certificate.checkIP(name);
  return found !== undefined;
}

export function isSignedBy(certificatePem: string, authorityPem: string): boolean {
  return new X509Certificate(certificatePem).verify(new X509Certificate(authorityPem).publicKey);
}

/** Loaded where certificates are made, which a replica that reads them never does. */
async function loadX509() {
  // What @peculiar/x509 is built on asks for it at its first line.
  await import('reflect-metadata');
  return await import('@peculiar/x509');
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function keyPemOf(key: webcrypto.CryptoKey): Promise<string> {
  const { PemConverter } = await loadX509();
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
