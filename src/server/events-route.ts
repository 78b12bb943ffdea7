import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { MusterError } from '../report/errors.ts';
import { oneOf } from '../report/rest-list.ts';
import { createEventFeed } from './event-feed.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { LongAnswers } from './long-answers.ts';
import type { Reports } from './reports.ts';
import { queryOf } from './request-spec.ts';
import { addResource } from './resource.ts';

const MOST_CLIENTS = 500;
const RETRY_AFTER_S = 10;
/** A comment, which clients pass over. */
const HEARTBEAT = { beat: ':\n\n', everyMs: 15_000, firstAfterMs: 15_000 };

export type EventsRoute = { readonly reports: Reports; readonly longAnswers: LongAnswers };

/** `/events`: every report, then each change, as server-sent events. */
export function addEventsRoute(app: FastifyInstance, { reports, longAnswers }: EventsRoute): void {
  const feed = createEventFeed({ reports });
  addResource(app, '/events', {
    GET: async (request, reply) => {
      const burst = oneOf(queryOf(request), 'since', ['now']) === undefined;
      if (feed.clients() >= MOST_CLIENTS) {
        reply.header('retry-after', String(RETRY_AFTER_S));
        throw new MusterError('TooManyRequests', `${MOST_CLIENTS} clients listen already.`);
      }
      // nginx as an ingress would keep events back to send them together.
      reply.headers({ 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
      if (request.method === 'HEAD') return reply.send();
      const cut = (reason: MusterError) => stream.destroy(reason);
      const texts = longAnswers.stream(request, (signal) =>
        withHeartbeat(feed.events({ burst, cut }, signal), HEARTBEAT, signal),
      );
      const stream = Readable.from(texts, { objectMode: false });
      return reply.send(stream);
    },
  });
}
