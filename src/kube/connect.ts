import { createKube } from './client.ts';
import { credentialsSource } from './credentials.ts';
import type { Kube } from './kube.ts';
import { chooseCluster, textOf } from './kubeconfig.ts';
import { realTimers, type Timers } from './timers.ts';
import { openTransport } from './transport.ts';

/** Which cluster, as whom: kubectl's flags of the same names, with kubectl's meaning and precedence. */
export type ConnectOptions = {
  /** One file; wins over KUBECONFIG, which may list several. */
  readonly kubeconfig?: string | undefined;
  /**
   * The text of one, in place of all files: out of a Secret, say. It has to hold everything itself: what names a file of
   * this machine or a program to run is refused.
   */
  readonly kubeconfigText?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroups?: readonly string[] | undefined;
  readonly certificateAuthority?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly tlsServerName?: string | undefined;
  /** For one call with all its retries; 30 s unless told. Streams are bounded until their first byte only. */
  readonly requestTimeoutMs?: number | undefined;
  /** KUBECONFIG, HOME, HTTPS_PROXY, NO_PROXY, KUBERNETES_SERVICE_HOST and the like are read from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timers?: Timers | undefined;
  /** A number in [0, 1) for the jitter of retries. */
  readonly random?: (() => number) | undefined;
};

/**
 * Opens the door to one cluster. Nothing is sent yet, but an exec plugin may run. Throws MusterError
 * KubeconfigUnusable, with one line that says why, when what the options and files describe cannot be used.
 */
export async function connect(options: ConnectOptions): Promise<Kube> {
  const timers = options.timers ?? realTimers;
  const choice = chooseCluster(options);
  const credentials = await credentialsSource(choice, timers);
  const transport = openTransport({ credentials, proxyUrl: textOf(choice.cluster['proxy-url']), timers });
  // Asked for now, so that a missing plugin or an expired certificate is told before anything is done.
  await transport.session();
  return createKube({
    server: choice.cluster.server,
    contextName: choice.contextName,
    transport,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    timers,
    random: options.random ?? Math.random,
  });
}
