import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { destinationError } from '../archive/destination-error.ts';
import { isAlreadyExists, isNotFound } from '../kube/errors.ts';
import { secrets } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { MusterError } from '../report/errors.ts';

/** The Secret, or the file, that holds the key of sessions. */
const NAME = 'muster-session';
const KEY_BYTES = 32;
const ANSWER_WITHIN_MS = 30_000;

/** A random number of bytes: `crypto.randomBytes`. */
type Random = (sizeBytes: number) => Uint8Array;

/**
 * The key of sessions in the Secret `muster-session`: the first replica to create it wins, the others read it. Throws
 * MusterError NotReady for a Secret that holds something else, and `KubeError`.
 */
export async function sessionKeyInSecret(kube: Kube, namespace: string, random: Random): Promise<Uint8Array> {
  const scope = () => ({ namespace, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const read = async () => {
    const { data } = await kube.get(secrets, NAME, scope());
    return checked(Buffer.from(data?.key ?? '', 'base64'), `Secret ${namespace}/${NAME}`);
  };
  try {
    return await read();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const key = random(KEY_BYTES);
  const metadata = { name: NAME, labels: { 'app.kubernetes.io/name': 'muster' } };
  try {
    await kube.create(
      secrets,
      { metadata, type: 'Opaque', data: { key: Buffer.from(key).toString('base64') } },
      scope(),
    );
    return key;
  } catch (error) {
    if (isAlreadyExists(error)) return await read();
    throw error;
  }
}

/** The same in a folder of this machine, for a server outside a cluster. Throws as `destinationError` says. */
export async function sessionKeyInFolder(folder: string, random: Random): Promise<Uint8Array> {
  const file = join(folder, NAME);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await makeOnce(file, random);
    return checked(await readFile(file), file);
  } catch (error) {
    throw error instanceof MusterError ? error : destinationError(folder, error);
  }
}

async function makeOnce(file: string, random: Random): Promise<void> {
  try {
    await writeFile(file, random(KEY_BYTES), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function checked(key: Buffer, where: string): Uint8Array {
  if (key.length === KEY_BYTES) return key;
  throw new MusterError('NotReady', `${where} holds no key of ${KEY_BYTES} bytes; delete it, and Muster makes it anew`);
}
