import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MusterError } from '../report/errors.ts';
import { quoted } from '../report/refusal.ts';
import { parseLogQuery } from '../report/rest-files.ts';
import type { ReportObject } from '../report/rest-report.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { LongAnswers } from './long-answers.ts';
import type { Reports } from './reports.ts';
import { queryOf } from './request-spec.ts';

/** An empty line: it changes no log, and is often enough for proxies that cut what is silent for a minute. */
const HEARTBEAT = { beat: '\n', everyMs: 30_000, firstAfterMs: 1000 };

/** Sends the log of a report as text, and goes on with it until the report ends where that was asked for. */
export function sendLogs(
  request: FastifyRequest,
  reply: FastifyReply,
  report: ReportObject,
  { reports, longAnswers }: { readonly reports: Pick<Reports, 'logs'>; readonly longAnswers: LongAnswers },
): FastifyReply {
  const query = parseLogQuery(queryOf(request));
  const { gather, follow } = query;
  if (gather !== undefined && report.status?.gathers?.some(({ name }) => name === gather) !== true) {
    throw new MusterError('NotFound', `Report ${report.status?.id} has no gather ${quoted(gather)}.`);
  }
  reply.type('text/plain; charset=utf-8');
  if (request.method === 'HEAD') return reply.send();
  const text = longAnswers.stream(request, (signal) => {
    const log = reports.logs(report, query, signal);
    return follow ? withHeartbeat(log, HEARTBEAT, signal) : log;
  });
  return reply.send(Readable.from(text, { objectMode: false }));
}
