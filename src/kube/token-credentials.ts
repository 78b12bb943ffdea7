import { readFile } from 'node:fs/promises';
import { messageOf } from '../report/errors.ts';
import type { CredentialsSource } from './credentials.ts';
import { type Choice, textOf, unusable } from './kubeconfig.ts';

const USER_KEYS = new Set(['token', 'tokenFile']);
const CLUSTER_KEYS = new Set(['server', 'certificate-authority', 'certificate-authority-data']);

/**
 * Credentials that are a bearer token and nothing else, as a pod's account has them; undefined for any other kind, which
 * client-node knows. Without that library the service in its pod is 40 MB smaller (docs/performance.md).
 */
export function tokenCredentials({ user, cluster, userName }: Choice): CredentialsSource | undefined {
  const isPlain =
    keysOf(user).every((key) => USER_KEYS.has(key)) && keysOf(cluster).every((key) => CLUSTER_KEYS.has(key));
  const tokenFile = textOf(user.tokenFile);
  const token = textOf(user.token);
  if (!isPlain || (tokenFile === undefined && token === undefined)) return undefined;
  return async () => {
    try {
      // Read again each time, as the kubelet renews it; a file wins over a token, as for client-go.
      const bearer = tokenFile === undefined ? token : await readFile(tokenFile, 'utf8');
      const ca = await caOf(cluster);
      return {
        headers: { Authorization: `Bearer ${bearer?.trim() ?? ''}` },
        tls: ca === undefined ? {} : { ca },
      };
    } catch (error) {
      throw unusable(`No credentials for user "${userName}": ${messageOf(error)}.`, error);
    }
  };
}

async function caOf(cluster: Choice['cluster']): Promise<Buffer | undefined> {
  const data = textOf(cluster['certificate-authority-data']);
  if (data !== undefined) return Buffer.from(data, 'base64');
  const file = textOf(cluster['certificate-authority']);
  return file === undefined ? undefined : await readFile(file);
}

const keysOf = (fields: object) =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key]) => key);
