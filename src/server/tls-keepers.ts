import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { destinationError } from '../archive/destination-error.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../kube/errors.ts';
import { secrets } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { type KeptTls, type MadeTls, type TlsKeeper, whyBroken } from './tls-made.ts';

/** The Secret of the server's namespace that holds Muster's own certificates. */
export const TLS_SECRET = 'muster-tls';

const ANSWER_WITHIN_MS = 30_000;

/** Keeps certificates in the Secret `muster-tls`: the first replica to create it wins, the others read it. */
export function secretKeeper(kube: Kube, namespace: string): TlsKeeper {
  const scope = () => ({ namespace, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  return {
    async read() {
      try {
        const secret = await kube.get(secrets, TLS_SECRET, scope());
        return fromData(secret.data ?? {}, secret.metadata.resourceVersion ?? '');
      } catch (error) {
        if (isNotFound(error)) return {};
        throw error;
      }
    },
    async write(made, version) {
      const metadata = { name: TLS_SECRET, labels: { 'app.kubernetes.io/name': 'muster' } };
      const data = toData(made);
      try {
        if (version === undefined) await kube.create(secrets, { metadata, type: 'Opaque', data }, scope());
        else {
          const patch = { metadata: { ...metadata, resourceVersion: version }, data };
          await kube.patch(secrets, TLS_SECRET, 'merge', patch, scope());
        }
        return true;
      } catch (error) {
        // Deleted in the meantime counts as changed: the next look creates it.
        if (isAlreadyExists(error) || isConflict(error) || isNotFound(error)) return false;
        throw error;
      }
    },
  };
}

/**
 * Keeps certificates in a folder of this machine, for one server outside a cluster. `ca.crt` beside them is for
 * `curl --cacert` and `--ca-file`; the other file holds keys, and is its owner's alone.
 */
export function folderKeeper(folder: string): TlsKeeper {
  const file = join(folder, `${TLS_SECRET}.json`);
  return {
    async read() {
      try {
        return fromData(dataIn(await readFile(file, 'utf8')), '');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
        throw destinationError(folder, error);
      }
    },
    async write(made) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        // Last what is read again: whoever was killed between the two writes both anew.
        await replace(join(folder, 'ca.crt'), made.authority.certificatePem);
        await replace(file, `${JSON.stringify(toData(made), null, 2)}\n`);
        return true;
      } catch (error) {
        throw destinationError(folder, error);
      }
    },
  };
}

async function replace(file: string, text: string): Promise<void> {
  // Always of the same name: what a killed process left the next one replaces.
  const partial = `${file}.partial`;
  try {
    await writeFile(partial, text, { mode: 0o600 });
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** The keys of a Secret of type kubernetes.io/tls, and the authority's own key beside them. */
const toData = ({ authority, server }: MadeTls): Record<string, string> => ({
  'ca.crt': toBase64(authority.certificatePem),
  'ca.key': toBase64(authority.keyPem),
  'tls.crt': toBase64(server.certificatePem),
  'tls.key': toBase64(server.keyPem),
});

function fromData(data: Readonly<Record<string, unknown>>, version: string): KeptTls {
  const pem = (key: string) => Buffer.from(String(data[key] ?? ''), 'base64').toString('utf8');
  const kept: MadeTls = {
    authority: { certificatePem: pem('ca.crt'), keyPem: pem('ca.key') },
    server: { certificatePem: pem('tls.crt'), keyPem: pem('tls.key') },
  };
  const broken = whyBroken(kept);
  return broken === undefined ? { kept, version } : { broken, version };
}

function dataIn(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    // No JSON holds no certificate: made anew, and told, like any that is broken.
    return {};
  }
}

const toBase64 = (text: string) => Buffer.from(text).toString('base64');
