import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ComponentList } from '../gather/own-components.ts';
import type { Caller } from './access.ts';
import { sendJson } from './answer.ts';
import { whileAsked } from './deadlines.ts';
import { addResource } from './resource.ts';

/** What a person can pick for a report. */
export type Components = { list(signal: AbortSignal): Promise<ComponentList> };

export type ClusterRoutes = {
  readonly components: Components;
  readonly callerOf: (request: FastifyRequest) => Caller;
};

/** `/whoami`: as whom the caller is known here. `/components`: what can be gathered, and how it is. */
export function addClusterRoutes(app: FastifyInstance, { components, callerOf }: ClusterRoutes): void {
  addResource(app, '/whoami', { GET: async (request, reply) => sendJson(reply, callerOf(request)) });
  addResource(app, '/components', {
    GET: async (request, reply) => sendJson(reply, await components.list(whileAsked(request))),
  });
}
