import type { FastifyInstance, FastifyRequest } from 'fastify';
import { orAborted } from '../kube/abort.ts';
import type { ComponentList } from '../report/rest-components.ts';
import type { Overview } from '../report/rest-overview.ts';
import type { Caller } from './access.ts';
import { sendJson } from './answer.ts';
import { whileAsked } from './deadlines.ts';
import { addResource } from './resource.ts';

/** What a person can pick for a report. */
export type Components = { list(signal: AbortSignal): Promise<ComponentList> };

export type ClusterRoutes = {
  readonly components: Components;
  readonly overview: () => Promise<Overview>;
  readonly callerOf: (request: FastifyRequest) => Caller;
};

/** `/whoami`: as whom the caller is known here. `/components`: what can be gathered. `/overview`: how the cluster is. */
export function addClusterRoutes(app: FastifyInstance, { components, overview, callerOf }: ClusterRoutes): void {
  addResource(app, '/whoami', { GET: async (request, reply) => sendJson(reply, callerOf(request)) });
  addResource(app, '/components', {
    GET: async (request, reply) => sendJson(reply, await components.list(whileAsked(request))),
  });
  addResource(app, '/overview', {
    GET: async (request, reply) => sendJson(reply, await orAborted(overview(), whileAsked(request))),
  });
}
