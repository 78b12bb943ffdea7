import type { ConnectOptions } from './connect.ts';
import { credentialsSource } from './credentials.ts';
import { chooseCluster } from './kubeconfig.ts';
import { realTimers } from './timers.ts';

/**
 * The bearer token by which kubectl would ask the cluster, from the kubeconfig, a token file or a plugin; undefined where
 * it would present something else, such as a client certificate. `fresh` asks for a new one where there can be one.
 * Throws MusterError KubeconfigUnusable.
 */
export async function openBearerToken(
  options: ConnectOptions,
): Promise<(fresh: boolean) => Promise<string | undefined>> {
  const source = await credentialsSource(chooseCluster(options), options.timers ?? realTimers);
  return async (fresh) => {
    const { headers } = await source(fresh);
    return /^Bearer (\S+)$/.exec(String(headers.Authorization ?? ''))?.[1];
  };
}
