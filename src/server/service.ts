import type { AddressInfo } from 'node:net';
import { listComponents } from '../gather/components.ts';
import type { UsualImages } from '../gather/images.ts';
import { createIngestRegistry, type IngestRegistry } from '../gather/ingest.ts';
import type { PackerRequest } from '../gather/pack-container.ts';
import { createSlots } from '../gather/slots.ts';
import { orAborted } from '../kube/abort.ts';
import type { Kube } from '../kube/kube.ts';
import { realTimers } from '../kube/timers.ts';
import { createEngine } from '../operator/engine.ts';
import { fencedKube } from '../operator/fence.ts';
import { createNumbers } from '../operator/numbers.ts';
import { createOtherClusters } from '../operator/other-clusters.ts';
import { watchReports } from '../operator/report-watch.ts';
import { type Operator, startOperator } from '../operator/run-operator.ts';
import { messageOf } from '../report/errors.ts';
import type { HostPort } from '../report/service-config.ts';
import type { RetentionLimits } from '../store/retention.ts';
import type { Store } from '../store/store.ts';
import type { Access } from './access.ts';
import type { ReadAlerts } from './alertmanager.ts';
import { createClusterReports } from './cluster-reports.ts';
import { createServer, drain } from './create-server.ts';
import { createIngestAccess } from './ingest-access.ts';
import { createIngestServer } from './ingest-routes.ts';
import { createMetrics } from './metrics.ts';
import { createOverview } from './overview.ts';
import type { PageFile, Pages } from './pages.ts';
import { createReading } from './reading.ts';
import type { ServiceLogger } from './service-logger.ts';
import type { SignIn } from './sign-in.ts';
import type { ServerTls } from './tls.ts';
import { watchEnds } from './watched-ends.ts';

export type ServiceOptions = {
  readonly kube: Kube;
  readonly store: Store;
  /** The service's own: reports asked for over REST, the lease and the counter live there. */
  readonly namespace: string;
  /** On this machine, for what is worth nothing to another process. */
  readonly workDirectory: string;
  readonly listen: HostPort;
  /** Without, plain HTTP: `createOpenAccess` holds that to loopback. */
  readonly tls?: ServerTls | undefined;
  /** Where packers bring what they packed; without, everything comes through exec. */
  readonly ingest?: { readonly listen: HostPort; readonly tls: ServerTls } | undefined;
  /** How packers are started; with `ingest`. */
  readonly packer?: PackerRequest | undefined;
  /** Throws as long as the cluster lets others than cluster-admins ask; without, nobody looks, and all reports are gathered. */
  readonly requirePolicy?: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly access: Access;
  /** For `/metrics`; `access` unless told. */
  readonly metricsAccess?: Access | undefined;
  readonly signIn: SignIn;
  /** The built pages, where they were built. */
  readonly pages?: Pages | undefined;
  /** The built plugin of the OpenShift console, where it was built. */
  readonly plugin?: ReadonlyMap<string, PageFile> | undefined;
  readonly usualImages: UsualImages;
  /** What people call the cluster; what it says itself unless told. */
  readonly clusterName?: string | undefined;
  /** Undefined: nobody knows of alerts. */
  readonly readAlerts?: ReadAlerts | undefined;
  /** Where people reach the service; the address that it listens on unless told. */
  readonly publicUrl?: string | undefined;
  readonly gathersAtOnce: number;
  /** What archives leave free in the store, where that has a bound. */
  readonly storeReserveBytes?: number | undefined;
  /** Limits of retention; what is absent does not limit. */
  readonly keep: RetentionLimits;
  readonly clientVersion: string;
  /** Who this process is among the replicas, and by which lease they agree on a leader. */
  readonly identity: string;
  readonly leaseName: string;
  readonly log: ServiceLogger;
};

export type Service = {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more requests, lets answers on their way come to their end, and lets go of all reports. */
  stop(): Promise<void>;
};

/** Answers on their way get this long when the service stops: a download goes on from where it was cut. */
const DRAIN_WITHIN_MS = 20_000;
/** All of it: Kubernetes kills 30 s after it told a pod to end, and a log is better ended by a word. */
const STOP_WITHIN_MS = 25_000;

/** Starts everything that `muster serve` is: the watch, the loop, the routes. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { kube, store, namespace, access, listen, log, identity } = options;
  const timers = realTimers;
  const watch = watchReports(kube, (error) => log.warn('watching the reports', { error }));
  const numbers = createNumbers(kube, { namespace });
  const others = createOtherClusters(kube, namespace);
  const reading = createReading();
  const slots = createSlots(options.gathersAtOnce);
  const reports = createClusterReports({ kube, watch, store, numbers, namespace, reading });
  let operator: Operator | undefined;
  const metrics = createMetrics({
    reports,
    queueDepth: () => operator?.queueDepth() ?? 0,
    isLeading: () => operator?.isLeading() ?? false,
    storeFreeBytes: () => store.freeBytes(),
    storeReserveBytes: options.storeReserveBytes,
  });
  const app = createServer({
    reports,
    metrics,
    access,
    metricsAccess: options.metricsAccess,
    signIn: options.signIn,
    pages: options.pages,
    plugin: options.plugin,
    tls: options.tls,
    ready: (signal) => checks(options, watch.cache.synced, signal),
    components: { list: (signal) => listComponents(kube, signal, options.usualImages) },
    overview: createOverview(options),
    audit: (entry) => log.info('audit', entry),
    onFailure: (error, request) => log.error('a request failed', { error, method: request.method, url: request.url }),
  });
  const registry = createIngestRegistry();
  const ingest = options.ingest && createIngest(options, options.ingest, registry);
  try {
    await watch.cache.synced;
    await app.listen(listen);
    await ingest?.listen(options.ingest?.listen);
  } catch (error) {
    watch.stop();
    await Promise.all([app.close(), ingest?.close()]);
    throw error;
  }
  const url = urlOf(options.tls === undefined ? 'http' : 'https', app.server.address() as AddressInfo);
  const publicUrl = (options.publicUrl ?? url).replace(/\/$/, '');
  const leader = startOperator({
    kube,
    store,
    watch,
    numbers,
    slots,
    timers,
    requirePolicy: options.requirePolicy,
    engineOf: (fenced, fencedStore, isHeld) =>
      createEngine({
        ...options,
        kube: fenced,
        store: fencedStore,
        slots,
        timers,
        others: { at: async (server) => fencedKube(await others.at(server), isHeld) },
        packers: options.packer && { registry, request: options.packer },
        onError: (error, report) => log.warn('something of a report is tried again, or left', { error, report }),
      }),
    lease: { namespace, name: options.leaseName, identity },
    keep: options.keep,
    isRead: reading.isRead,
    reportUrl: (id) => `${publicUrl}/must-gather/${id}/data`,
    log: (level, message, report, error) => log[level](message, { report, error }),
  });
  operator = leader;
  // Each replica sees each end; the one that led it there counts it.
  const stopCounting = watchEnds(watch, (object) => {
    if (leader.isLeading()) metrics.reportEnded(object);
  });
  return {
    url,
    stop: async () => {
      const lateAtMs = timers.now() + STOP_WITHIN_MS;
      const leftMs = () => Math.max(0, lateAtMs - timers.now());
      // Packers are answered until their gathers are let go of; they find the next leader by themselves.
      await Promise.all([letGo(leader, log), drain(app, DRAIN_WITHIN_MS)]);
      if (ingest !== undefined) await drain(ingest, leftMs());
      await others.close();
      stopCounting();
      watch.stop();
    },
  };
}

async function letGo(leader: Operator, log: ServiceLogger): Promise<void> {
  const late = AbortSignal.timeout(STOP_WITHIN_MS);
  try {
    await orAborted(leader.stop(), late);
  } catch (error) {
    if (error !== late.reason) throw error;
    log.warn('the cluster does not answer: reports are left as they are, to whoever leads next');
  }
}

function createIngest(
  { kube, store, log }: ServiceOptions,
  { tls }: NonNullable<ServiceOptions['ingest']>,
  ingest: IngestRegistry,
) {
  const onFailure = (error: unknown) => log.error('a packer was not answered', { error });
  const app = createIngestServer({
    access: createIngestAccess(kube),
    ingest,
    store,
    onFailure,
    tls: tls.options(),
  });
  tls.attach(app.server);
  return app;
}

function urlOf(scheme: 'http' | 'https', { address, family, port }: AddressInfo): string {
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function checks({ kube, store, requirePolicy }: ServiceOptions, synced: Promise<void>, signal: AbortSignal) {
  const check = async (name: string, ask: () => Promise<unknown>) => {
    try {
      await ask();
      return { name, ok: true, message: 'ok' };
    } catch (error) {
      return { name, ok: false, message: messageOf(error) };
    }
  };
  return await Promise.all([
    check('reports', () => synced),
    check('cluster', () => kube.json('/version')),
    check('store', () => store.check()),
    ...(requirePolicy === undefined ? [] : [check('policy', () => requirePolicy(signal))]),
  ]);
}
