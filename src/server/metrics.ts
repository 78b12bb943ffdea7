import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { orAborted } from '../kube/abort.ts';
import { isFinal } from '../report/lifecycle.ts';
import { PHASES } from '../report/phases.ts';
import type { ReportObject } from '../report/rest-report.ts';
import type { Reports } from './reports.ts';

/** What the service measures of itself, for Prometheus. */
export type Metrics = {
  /** A request whose answer has begun. `route` is the pattern, never the path. */
  answered(request: { route: string; method: string; status: number; seconds: number }): void;
  tokenFailed(): void;
  /** A report that has reached its last phase: told once, by the replica that led it there. */
  reportEnded(report: Pick<ReportObject, 'status'>): void;
  /** In the text format; `contentType` says which. */
  text(): Promise<string>;
  readonly contentType: string;
};

export type MetricsOptions = {
  readonly reports: Pick<Reports, 'list'>;
  /** Reports that wait for the operator to look at them. */
  readonly queueDepth: () => number;
  /** This replica leads now. */
  readonly isLeading: () => boolean;
  /** Undefined where the store has no bound (S3). */
  readonly storeFreeBytes: () => Promise<number | undefined>;
  /** Of what is free, archives take no part of this. */
  readonly storeReserveBytes?: number | undefined;
};

const MINUTES = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600];
const LATENCIES = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 30];

export function createMetrics(options: MetricsOptions): Metrics {
  const { reports, queueDepth, isLeading, storeFreeBytes, storeReserveBytes } = options;
  const registry = new Registry();
  const registers = [registry];
  measureReports(registry, reports);
  measureProcess(registry);
  new Gauge({
    name: 'muster_leading',
    help: '1 where this replica leads, else 0; 0 on all of them: nobody runs reports.',
    registers,
    collect() {
      this.set(isLeading() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'muster_queue_depth',
    help: 'Reports that wait for the operator to look at them.',
    registers,
    collect() {
      this.set(queueDepth());
    },
  });
  new Gauge({
    name: 'muster_store_free_bytes',
    help: 'Room left in the store; absent where it has no bound.',
    registers,
    async collect() {
      const freeBytes = await orUnknown(storeFreeBytes());
      if (freeBytes === undefined) this.remove();
      else this.set(freeBytes);
    },
  });
  new Gauge({
    name: 'muster_store_reserve_bytes',
    help: 'What archives leave free in the store (--store-reserve).',
    registers,
  }).set(storeReserveBytes ?? 0);
  const requests = new Histogram({
    name: 'muster_request_duration_seconds',
    help: 'From the request to the beginning of its answer.',
    labelNames: ['route', 'method', 'status'],
    buckets: LATENCIES,
    registers,
  });
  const failedTokens = new Counter({
    name: 'muster_failed_tokens_total',
    help: 'Tokens that were refused.',
    registers,
  });
  const reportDurations = new Histogram({
    name: 'muster_report_duration_seconds',
    help: 'From the acceptance of a report to its end.',
    labelNames: ['phase'],
    buckets: MINUTES,
    registers,
  });
  // From zero on: Prometheus takes the first value of a series that begins with 1 for no increase.
  for (const phase of PHASES.filter(isFinal)) reportDurations.zero({ phase });
  const gatherDurations = new Histogram({
    name: 'muster_gather_duration_seconds',
    help: 'From the start of the command of a gather to the end of the gather.',
    labelNames: ['phase'],
    buckets: MINUTES,
    registers,
  });
  return {
    answered: ({ route, method, status, seconds }) => requests.observe({ route, method, status }, seconds),
    tokenFailed: () => failedTokens.inc(),
    reportEnded({ status = {} }) {
      const { phase = 'New', gathers = [] } = status;
      observe(reportDurations, phase, status);
      for (const gather of gathers) observe(gatherDurations, gather.phase, gather);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

const MEASURED_WITHIN_MS = 5000;

/** A store that does not answer takes no other figure away; `/readyz` tells why it does not. */
async function orUnknown(asked: Promise<number | undefined>): Promise<number | undefined> {
  try {
    return await orAborted(asked, AbortSignal.timeout(MEASURED_WITHIN_MS));
  } catch {
    return undefined;
  }
}

type Span = { readonly startedAt?: string | undefined; readonly finishedAt?: string | undefined };

/** What never started took no time. */
function observe(histogram: Histogram<'phase'>, phase: string, { startedAt, finishedAt }: Span): void {
  const seconds = (Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '')) / 1000;
  if (seconds >= 0) histogram.observe({ phase }, seconds);
}

const RUNNING: ReadonlySet<string> = new Set(['Starting', 'Running', 'Packing']);

/** What can be told of the reports as they are; every replica tells the same. */
function measureReports(registry: Registry, reports: Pick<Reports, 'list'>): void {
  const registers = [registry];
  new Gauge({
    name: 'muster_reports',
    help: 'Reports that are there, by phase.',
    labelNames: ['phase'],
    registers,
    collect() {
      for (const phase of PHASES) this.set({ phase }, 0);
      for (const { status } of reports.list()) this.inc({ phase: status?.phase ?? 'New' });
    },
  });
  const sum = (name: string, help: string, of: (report: ReportObject) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        let total = 0;
        for (const report of reports.list()) total += of(report);
        this.set(total);
      },
    });
  sum('muster_archive_bytes', 'Bytes of all archives that are there.', ({ status }) => status?.archive?.size ?? 0);
  sum(
    'muster_gathers_running',
    'Gathers whose pod is there or whose data is being packed.',
    ({ status }) => status?.gathers?.filter(({ phase }) => RUNNING.has(phase)).length ?? 0,
  );
}

function measureProcess(registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process, in user and system mode.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.set((user + system) / 1e6);
    },
  });
}
