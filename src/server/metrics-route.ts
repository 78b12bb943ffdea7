import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';
import { addResource } from './resource.ts';

/** Has each request measured, up to the beginning of its answer: a long download is no slow service. */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onSend', async (request, reply, payload) => {
    metrics.answered({
      route: request.routeOptions.url ?? 'none',
      method: request.method,
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    });
    return payload;
  });
}

/** `/metrics`, for Prometheus. Not open: it tells how many reports there are and what is done with them. */
export function addMetricsRoute(app: FastifyInstance, metrics: Metrics): void {
  addResource(
    app,
    '/metrics',
    { GET: async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()) },
    { isForMetrics: true },
  );
}
