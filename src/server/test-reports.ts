import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { archiveName } from '../report/archive-name.ts';
import { findReport } from '../report/rest-list.ts';
import type { Overview } from '../report/rest-overview.ts';
import type { ReportObject } from '../report/rest-report.ts';
import type { Spec } from '../report/spec.ts';
import type { Phase } from '../report/status.ts';
import { type Access, NoClusterAdmin } from './access.ts';
import { createServer, drain, type ServerOptions } from './create-server.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { AuditEntry } from './report-routes.ts';
import type { ReportChange, Reports } from './reports.ts';
import { createSessionCookies, type SessionCookies } from './session-cookie.ts';
import { createTokenAnswers, tokenRejected } from './token-answers.ts';

const overviewOfNothing: Overview = {
  cluster: { name: 'test', kubernetesVersion: '', apiServer: 'https://127.0.0.1' },
  health: { cluster: { state: 'unknown' }, operators: { state: 'unknown' }, nodes: { state: 'unknown' } },
  operators: [],
  nodes: { ready: 0, total: 0, notReady: [] },
  alerts: null,
  warnings: [],
};

const AT = '2026-11-21T09:00:00Z';

/** Reports in a map, as the operator would keep them in the cluster. */
export type TestReports = Reports & {
  end(id: number, phase: Phase, archive?: Buffer): void;
  /** How many archive streams are open now. */
  readonly open: { count: number };
};

export function testReports(): TestReports {
  const all = new Map<number, ReportObject>();
  const archives = new Map<number, Buffer>();
  const open = { count: 0 };
  const changed = new EventEmitter();
  const tell = (type: ReportChange['type'], report: ReportObject) => changed.emit('change', { type, report });
  let last = 0;
  const idOf = (report: ReportObject) => report.status?.id ?? 0;
  const add = (spec: Spec, status: object): ReportObject => {
    last += 1;
    const report = {
      metadata: { name: `report-${last}`, creationTimestamp: AT },
      spec,
      status: { id: last, ...status },
    };
    all.set(last, report);
    tell('report', report);
    return report;
  };
  const change = (report: ReportObject, phase: Phase): ReportObject => {
    const after = { ...report, status: { ...report.status, phase, finishedAt: AT } };
    all.set(idOf(report), after);
    tell('report', after);
    return after;
  };
  return {
    open,
    list: () => all.values(),
    get: async (key) => findReport(all.values(), key),
    create: async (spec, { username }) => add(spec, { requestedBy: username }),
    cancel: async (report) => change(report, 'Cancelled'),
    retry: async (report) => {
      all.delete(idOf(report));
      tell('gone', report);
      return add(report.spec, { retryOf: idOf(report) });
    },
    remove: async (report) => {
      all.delete(idOf(report));
      tell('gone', report);
    },
    execOutput: async (report) => `log of ${idOf(report)}`,
    logs: async function* (report, { gather }) {
      yield `[${gather ?? 'a'}] log of ${idOf(report)}\n`;
    },
    events: async (report) => [
      { type: 'Normal', reason: 'Planned', message: `report ${idOf(report)}`, at: AT, count: 1 },
    ],
    changes: async function* (signal) {
      for await (const [change] of on(changed, 'change', { signal })) yield change;
    },
    verify: async (report) => (archives.has(idOf(report)) ? { state: 'same' } : { state: 'missing' }),
    archive: async (report) => {
      const bytes = archives.get(idOf(report));
      if (bytes === undefined) return undefined;
      return {
        sizeBytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        read: ({ start, end }) => {
          open.count += 1;
          return Readable.from(pieces(bytes.subarray(start, end))).on('close', () => {
            open.count -= 1;
          });
        },
      };
    },
    end(id, phase, bytes) {
      const report = all.get(id);
      if (report === undefined) throw new Error(`no report ${id}`);
      const ended = change(report, phase);
      if (bytes === undefined) return;
      archives.set(id, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const archive = { name: archiveName(report.spec.customName), size: bytes.length, sha256 };
      all.set(id, { ...ended, status: { ...ended.status, archive } });
    },
  };
}

function* pieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

export type Asked = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
};

export type TestService = {
  readonly url: string;
  /** With the token of somebody who may, unless the headers say otherwise. */
  ask(path: string, asked?: Asked): Promise<Response>;
  /** The same, as JSON. */
  post(path: string, body: unknown): Promise<Response>;
  readonly reports: TestReports;
  readonly audits: AuditEntry[];
  readonly failures: unknown[];
  readonly metrics: Metrics;
  close(): Promise<void>;
};

/** A service on 127.0.0.1 that knows the token `good`, and `weak` of somebody without rights. */
export async function startService(
  changes: Partial<Reports> = {},
  options: Partial<ServerOptions> = {},
): Promise<TestService> {
  const reports = testReports();
  const audits: AuditEntry[] = [];
  const failures: unknown[] = [];
  const access: Access = {
    authorize: createTokenAnswers(async (token) => {
      if (token === 'good') return { username: 'ada' };
      if (token === 'weak') throw new NoClusterAdmin('bob');
      throw tokenRejected('The token is not valid here.');
    }),
  };
  const all = { ...reports, ...changes };
  const metrics = createMetrics({
    reports: all,
    queueDepth: () => 3,
    isLeading: () => true,
    storeFreeBytes: async () => 1e12,
    storeReserveBytes: 1e9,
  });
  const server = createServer({
    reports: all,
    metrics,
    access,
    signIn: { auth: 'login', cookies: testCookies() },
    ready: async () => [{ name: 'store', ok: true, message: '' }],
    components: { list: async () => ({ components: [], warnings: [] }) },
    overview: async () => overviewOfNothing,
    audit: (entry) => audits.push(entry),
    onFailure: (error) => failures.push(error),
    ...options,
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const ask: TestService['ask'] = (path, { headers, ...rest } = {}) =>
    fetch(`${url}${path}`, { ...rest, headers: { authorization: 'Bearer good', ...headers } });
  const post: TestService['post'] = (path, body) =>
    ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return { url, ask, post, reports, audits, failures, metrics, close: () => drain(server, 500) };
}

/** Cookies over plain HTTP, sealed with a key that nobody else has. */
export const testCookies = (nowMs: () => number = Date.now): SessionCookies =>
  createSessionCookies({ key: randomBytes(32), isSecure: false, nowMs });

/** Bytes that do not compress and do not repeat. */
export const someBytes = (sizeBytes: number): Buffer => randomBytes(sizeBytes);
