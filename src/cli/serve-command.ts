import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Command } from 'commander';
import { connect } from '../kube/connect.ts';
import { isNotFound } from '../kube/errors.ts';
import { namespaces, pods } from '../kube/kinds.ts';
import type { Kube } from '../kube/kube.ts';
import { realTimers } from '../kube/timers.ts';
import { mustGatherReports } from '../operator/report-kind.ts';
import { requireReportsPolicy } from '../operator/reports-policy.ts';
import { MusterError } from '../report/errors.ts';
import { describeServiceConfig, readServiceConfig, type ServiceConfig } from '../report/service-config.ts';
import { createAccess, createMetricsAccess } from '../server/access.ts';
import { createAlertReader } from '../server/alertmanager.ts';
import { createOpenAccess } from '../server/open-access.ts';
import { readFiles, readPages } from '../server/pages.ts';
import { findPublicUrl } from '../server/public-url.ts';
import { startService } from '../server/service.ts';
import { createServiceLogger, type ServiceLogger } from '../server/service-logger.ts';
import { openStore } from '../store/open-store.ts';
import { UNFINISHED_FOR_MS } from '../store/store.ts';
import { pagesFolder, pluginFolder } from './pages-folder.ts';
import type { Program } from './program.ts';
import { interrupted } from './sandbox-command.ts';
import { addServiceFlags, givenServiceFlags } from './service-flags.ts';
import { openSignIn } from './service-sign-in.ts';
import { openServiceTls } from './service-tls.ts';
import { clientVersion } from './version.ts';
import { openWorkDirectory } from './work-directory.ts';

type ServeFlags = { kubeconfig?: string; context?: string };

const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const CHECK_WITHIN_MS = 30_000;

/** `muster serve`: reports as a service of a cluster. */
export function addServeCommand(root: Command, program: Program): void {
  const command = root
    .command('serve')
    .description('serve reports of a cluster: REST, the custom resource, and what becomes of both')
    .option('--kubeconfig <file>', 'kubeconfig to use (default: KUBECONFIG, else ~/.kube/config, else the pod)')
    .option('--context <name>', 'context of the kubeconfig');
  addServiceFlags(command).action(async (flags: ServeFlags) => {
    await serve(program, flags, givenServiceFlags(command));
  });
}

async function serve(program: Program, flags: ServeFlags, settings: Record<string, string>): Promise<void> {
  const podNamespace = await ownNamespace(program);
  const input = { flags: settings, env: program.env, podNamespace };
  const config = readServiceConfig(input);
  const log = createServiceLogger((line) => program.stdout.write(line), program.now, config.logLevel);
  log.info('muster serves', { version: clientVersion(), ...describeServiceConfig(input) });
  const kube = await connect({ kubeconfig: flags.kubeconfig, context: flags.context, env: program.env });
  const identity = program.env.POD_NAME ?? `muster-${randomBytes(6).toString('hex')}`;
  const workDirectory = await openWorkDirectory(tmpdir(), identity);
  try {
    await requireInstalled(kube, config.namespace);
    await serveOn(program, { kube, config, log, identity, workDirectory, podNamespace });
  } finally {
    await kube.close();
    await rm(workDirectory, { recursive: true, force: true });
  }
}

type Serving = {
  readonly kube: Kube;
  readonly config: ServiceConfig;
  readonly log: ServiceLogger;
  /** Of this process, and of others of the same pod before it. */
  readonly identity: string;
  readonly workDirectory: string;
  readonly podNamespace: string | undefined;
};

async function serveOn(program: Program, serving: Serving): Promise<void> {
  const { kube, config, log, identity, workDirectory, podNamespace } = serving;
  const { env, now, interrupt } = program;
  const say = (line: string) => log.warn(line);
  const store = await openStore(config.store, {
    env,
    sweepBeforeMs: now() - UNFINISHED_FOR_MS,
    reserveBytes: config.storeReserveBytes,
    owner: env.POD_NAME,
    nowMs: now,
    say,
  });
  const isInCluster = podNamespace !== undefined;
  const tls = await openServiceTls(kube, config, { isInCluster, timers: realTimers, say: (line) => log.info(line) });
  try {
    const packImage = config.packImage ?? (await ownImage(kube, program, podNamespace));
    const ingestCa = tls.ingest?.caPem();
    const packer =
      config.ingest === undefined || packImage === undefined || ingestCa === undefined
        ? undefined
        : { image: packImage, ingestUrl: config.ingest.url, ingestCa };
    const service = await startService({
      kube,
      store,
      namespace: config.namespace,
      workDirectory,
      listen: config.listen,
      // Outside it is a person's, who gathers with their own rights.
      requirePolicy: isInCluster && config.auth !== 'none' ? (signal) => requireReportsPolicy(kube, signal) : undefined,
      access: config.auth === 'none' ? createOpenAccess(config.listen.host) : createAccess(kube),
      metricsAccess: config.auth === 'none' ? undefined : createMetricsAccess(kube),
      signIn: await openSignIn(kube, config, { isInCluster, nowMs: now }),
      pages: await readPages(pagesFolder()),
      plugin: await readFiles(pluginFolder()),
      tls: tls.rest,
      ingest: config.ingest && tls.ingest && { listen: config.ingest.listen, tls: tls.ingest },
      packer,
      usualImages: { configured: config.defaultImage, own: packImage },
      clusterName: config.clusterName,
      readAlerts:
        config.alertmanager &&
        createAlertReader({ ...config.alertmanager, tokenFile: isInCluster ? TOKEN_FILE : undefined, env }),
      publicUrl: config.publicUrl ?? (isInCluster ? await findPublicUrl(kube, config.namespace, say) : undefined),
      gathersAtOnce: config.gathers,
      storeReserveBytes: config.storeReserveBytes,
      keep: config.keep,
      clientVersion: clientVersion(),
      identity,
      leaseName: config.leaseName,
      log,
    });
    log.info('listening', { url: service.url, packer: packer === undefined ? 'none: through exec' : packer.image });
    try {
      await interrupted(interrupt);
    } finally {
      await service.stop();
      log.info('stopped');
    }
  } finally {
    tls.close();
    await store.close();
  }
}

/** Muster's kind and its namespace have to be there: an administrator puts them there once. */
async function requireInstalled(kube: Kube, namespace: string): Promise<void> {
  const signal = AbortSignal.timeout(CHECK_WITHIN_MS);
  try {
    for await (const _report of kube.list(mustGatherReports, { namespace, pageSize: 1, signal })) break;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new MusterError('NotFound', 'this cluster has no MustGatherReports yet: kubectl apply -k deploy/base');
  }
  try {
    await kube.get(namespaces, namespace, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new MusterError('NotFound', `namespace "${namespace}" does not exist in this cluster`, {
      field: '--namespace',
    });
  }
}

async function ownNamespace({ env }: Program): Promise<string | undefined> {
  if (env.POD_NAMESPACE !== undefined) return env.POD_NAMESPACE;
  if (env.KUBERNETES_SERVICE_HOST === undefined) return undefined;
  return (await readFile(NAMESPACE_FILE, 'utf8').catch(() => '')).trim() || undefined; // no pod's file: outside
}

/** The image that this very pod runs. */
async function ownImage(kube: Kube, { env }: Program, podNamespace: string | undefined): Promise<string | undefined> {
  if (env.POD_NAME === undefined || podNamespace === undefined) return undefined;
  const pod = await kube.get(pods, env.POD_NAME, { namespace: podNamespace });
  return pod.spec.containers.find(({ name }) => name === 'muster')?.image;
}
