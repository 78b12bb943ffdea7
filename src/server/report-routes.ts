import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { MusterError } from '../report/errors.ts';
import { quoted } from '../report/refusal.ts';
import { type ListQuery, pageOf, parseListQuery } from '../report/rest-list.ts';
import { type ReportObject, restReport, restState } from '../report/rest-report.ts';
import type { Caller } from './access.ts';
import { JSON_TYPE, sendJson } from './answer.ts';
import { archiveOf, noArchive, sendArchive } from './data-route.ts';
import { untilDone, whileAsked } from './deadlines.ts';
import { sendFile } from './files-route.ts';
import { sendLogs } from './logs-route.ts';
import type { LongAnswers } from './long-answers.ts';
import type { Reports } from './reports.ts';
import { queryOf, specOfRequest } from './request-spec.ts';
import { addResource } from './resource.ts';

/** One line of the audit: who did what to which report. */
export type AuditEntry = {
  readonly username: string;
  readonly action: 'create' | 'fetch' | 'cancel' | 'retry' | 'delete';
  readonly id: number;
  /** The one file that was fetched out of the archive. */
  readonly path?: string;
};

export type ReportRoutes = {
  readonly reports: Reports;
  readonly callerOf: (request: FastifyRequest) => Caller;
  readonly audit: (entry: AuditEntry) => void;
  /** Told of what goes wrong when the answer has already begun. */
  readonly onFailure: (error: unknown, request: FastifyRequest) => void;
  readonly longAnswers: LongAnswers;
};

const BATCH = 100;

/** The routes of the seed (must-gather-rest-api) and, beside them, delete, cancel and retry. */
export function addReportRoutes(app: FastifyInstance, routes: ReportRoutes): void {
  const { reports, callerOf, audit, onFailure } = routes;
  const found = async (request: FastifyRequest): Promise<ReportObject> => {
    const { key = '' } = request.params as { key?: string };
    const report = await reports.get(key, whileAsked(request));
    if (report === undefined) throw new MusterError('NotFound', `There is no report ${quoted(key)}.`);
    return report;
  };
  const record = (request: FastifyRequest, action: AuditEntry['action'], report: ReportObject, path?: string) =>
    audit({
      username: callerOf(request).username,
      action,
      id: report.status?.id ?? 0,
      ...(path === undefined ? {} : { path }),
    });

  addResource(app, '/must-gather', {
    GET: async (request, reply) => {
      const query = parseListQuery(queryOf(request));
      const page = pageOf(reports.list(), query);
      if (page.link !== undefined) reply.header('link', page.link);
      const rows = rowsOf(page.reports, query, reports, request, onFailure);
      return reply.type(JSON_TYPE).send(request.method === 'HEAD' ? undefined : Readable.from(rows));
    },
    POST: async (request, reply) => {
      const report = await reports.create(specOfRequest(request), callerOf(request), untilDone());
      record(request, 'create', report);
      return created(reply, report);
    },
  });
  addResource(app, '/must-gather/:key', {
    GET: async (request, reply) => {
      const report = await found(request);
      return sendReport(reply, report, await reports.execOutput(report, whileAsked(request)));
    },
    DELETE: async (request, reply) => {
      const report = await found(request);
      await reports.remove(report, callerOf(request), untilDone());
      record(request, 'delete', report);
      return reply.code(204).send();
    },
  });
  addResource(app, '/must-gather/:key/data', {
    GET: async (request, reply) => {
      const report = await found(request);
      const archive = await archiveOf(report, reports, request);
      if (request.method === 'GET') record(request, 'fetch', report);
      return sendArchive(request, reply, report, archive);
    },
  });
  const files: RouteHandlerMethod = async (request, reply) => {
    const report = await found(request);
    const path = ((request.params as { '*'?: string })['*'] ?? '').replace(/\/+$/, '');
    const archive = await archiveOf(report, reports, request);
    const sent = await sendFile(request, reply, report, archive, path);
    if (sent === 'file' && request.method === 'GET') record(request, 'fetch', report, path);
    return reply;
  };
  addResource(app, '/must-gather/:key/files', { GET: files });
  addResource(app, '/must-gather/:key/files/*', { GET: files });
  addResource(app, '/must-gather/:key/logs', {
    GET: async (request, reply) => sendLogs(request, reply, await found(request), routes),
  });
  addResource(app, '/must-gather/:key/events', {
    GET: async (request, reply) => {
      const report = await found(request);
      return sendJson(reply, await reports.events(report, whileAsked(request)));
    },
  });
  addResource(app, '/must-gather/:key/verify', {
    POST: async (request, reply) => {
      const report = await found(request);
      const { archive } = report.status ?? {};
      if (archive === undefined) throw noArchive(report);
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(VERIFY_WITHIN_MS)]);
      const verdict = await reports.verify(report, signal);
      return sendJson(reply, { ...verdict, should: { sizeBytes: archive.size, sha256: archive.sha256 } });
    },
  });
  addResource(app, '/must-gather/:key/cancel', {
    POST: async (request, reply) => {
      const report = await found(request);
      if (isOver(report)) throw new MusterError('Conflict', `Report ${report.status?.id} has ended already.`);
      const cancelled = await reports.cancel(report, callerOf(request), untilDone());
      record(request, 'cancel', report);
      return sendReport(reply.code(202), cancelled, '');
    },
  });
  addResource(app, '/must-gather/:key/retry', {
    POST: async (request, reply) => {
      const report = await found(request);
      if (!isOver(report)) throw new MusterError('Conflict', `Report ${report.status?.id} has not ended yet.`);
      const again = await reports.retry(report, callerOf(request), untilDone());
      record(request, 'retry', again);
      return created(reply, again);
    },
  });
}

/** A store on a slow line reads 100 GB in so long. */
const VERIFY_WITHIN_MS = 3_600_000;

const isOver = (report: ReportObject) => ['completed', 'error'].includes(restState(report));
const sendReport = (reply: FastifyReply, report: ReportObject, execOutput: string) =>
  sendJson(reply, restReport(report, execOutput));

const created = (reply: FastifyReply, report: ReportObject) =>
  sendReport(reply.code(201).header('location', `/must-gather/${report.status?.id}`), report, '');

/** The array of a list, a batch at a time, so that no list stands in memory whole; one log at a time where asked for. */
async function* rowsOf(
  page: readonly ReportObject[],
  query: ListQuery,
  reports: Reports,
  request: FastifyRequest,
  onFailure: ReportRoutes['onFailure'],
): AsyncGenerator<string> {
  const batch = query.execOutput ? 1 : BATCH;
  let at = 0;
  try {
    for (; at < page.length; at += batch) {
      const rows: string[] = [];
      for (const report of page.slice(at, at + batch)) {
        const execOutput = query.execOutput ? await reports.execOutput(report, whileAsked(request)) : '';
        rows.push(JSON.stringify(restReport(report, execOutput)));
      }
      yield `${at === 0 ? '[' : ','}${rows.join(',')}`;
    }
    yield page.length === 0 ? '[]' : ']';
  } catch (error) {
    // Once the status has gone out, the caller sees a cut connection, and only the log can tell why.
    if (at > 0) onFailure(error, request);
    throw error;
  }
}
