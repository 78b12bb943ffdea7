import type { AddressInfo } from 'node:net';
import { listComponents } from '../gather/components.ts';
import type { UsualImages } from '../gather/images.ts';
import { createSlots } from '../gather/slots.ts';
import type { Kube } from '../kube/kube.ts';
import { realTimers } from '../kube/timers.ts';
import { createEngine } from '../operator/engine.ts';
import { createNumbers } from '../operator/numbers.ts';
import { watchReports } from '../operator/report-watch.ts';
import { type Operator, startOperator } from '../operator/run-operator.ts';
import { messageOf } from '../report/errors.ts';
import type { Store } from '../store/store.ts';
import type { Access } from './access.ts';
import { createClusterReports } from './cluster-reports.ts';
import { createServer, drain } from './create-server.ts';
import { createMetrics } from './metrics.ts';
import type { ServiceLogger } from './service-logger.ts';
import { watchEnds } from './watched-ends.ts';

export type ServiceOptions = {
  readonly kube: Kube;
  readonly store: Store;
  /** The service's own: reports asked for over REST, the lease and the counter live there. */
  readonly namespace: string;
  /** On this machine, for what is worth nothing to another process. */
  readonly workDirectory: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly access: Access;
  readonly usualImages: UsualImages;
  /** Where people reach the service; the address that it listens on unless told. */
  readonly publicUrl?: string | undefined;
  readonly gathersAtOnce: number;
  readonly clientVersion: string;
  /** Who this process is among the replicas. */
  readonly identity: string;
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

/** Starts everything that `muster serve` is: the watch, the loop, the routes. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { kube, store, namespace, access, listen, log, identity } = options;
  const timers = realTimers;
  const watch = watchReports(kube, (error) => log.warn('watching the reports', { error }));
  const numbers = createNumbers(kube, { namespace });
  const slots = createSlots(options.gathersAtOnce);
  const reports = createClusterReports({ kube, watch, store, numbers, namespace });
  let operator: Operator | undefined;
  const metrics = createMetrics({
    reports,
    queueDepth: () => operator?.queueDepth() ?? 0,
    storeFreeBytes: () => store.freeBytes(),
  });
  const app = createServer({
    reports,
    metrics,
    access,
    ready: () => checks(options, watch.cache.synced),
    components: { list: (signal) => listComponents(kube, signal) },
    audit: (entry) => log.info('audit', entry),
    onFailure: (error, request) => log.error('a request failed', { error, method: request.method, url: request.url }),
  });
  try {
    await watch.cache.synced;
    await app.listen(listen);
  } catch (error) {
    watch.stop();
    await app.close();
    throw error;
  }
  const url = urlOf(app.server.address() as AddressInfo);
  const publicUrl = (options.publicUrl ?? url).replace(/\/$/, '');
  const leader = startOperator({
    kube,
    store,
    watch,
    numbers,
    slots,
    timers,
    engine: createEngine({
      ...options,
      slots,
      timers,
      onError: (error, report) => log.warn('something of a report is tried again, or left', { error, report }),
    }),
    lease: { namespace, name: 'muster-leader', identity },
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
      await drain(app, DRAIN_WITHIN_MS);
      stopCounting();
      await leader.stop();
      watch.stop();
    },
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function checks({ kube, store }: ServiceOptions, synced: Promise<void>) {
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
    check('store', () => store.freeBytes()),
  ]);
}
