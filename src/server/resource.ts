import type {
  FastifyContextConfig,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HTTPMethods,
  RouteHandlerMethod,
} from 'fastify';
import { MusterError } from '../report/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without access: it tells nothing of the cluster's. */
    isOpen?: boolean;
    /** Answered to whoever may read metrics, and not to cluster-admins alone. */
    isForMetrics?: boolean;
  }
}

export type Handlers = Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', RouteHandlerMethod>>>;

/** One path with its methods; HEAD goes with GET, and every other method is refused by name (405). */
export function addResource(app: FastifyInstance, url: string, handlers: Handlers, config: FastifyContextConfig = {}) {
  const allowed = new Set<string>();
  for (const [method, handler] of Object.entries(handlers)) {
    const methods = method === 'GET' ? ['GET', 'HEAD'] : [method];
    for (const each of methods) allowed.add(each);
    app.route({ method: methods as HTTPMethods[], url, handler, config });
  }
  const allow = [...allowed].sort().join(', ');
  const refuse = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.header('allow', allow);
    throw new MusterError('MethodNotAllowed', `${request.method} means nothing here; ${allow} do.`);
  };
  const others = app.supportedMethods.filter((method) => !allowed.has(method)) as HTTPMethods[];
  // Before the body is read: whatever it is, it changes nothing.
  app.route({ method: others, url, onRequest: refuse, handler: refuse, config });
}
